package io.residua.indexer.http;

import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.Response.Status;

/**
 * An error as RFC 9457 describes it.
 *
 * @param title the status in words
 * @param status the HTTP status
 * @param detail what is wrong with this request
 */
public record Problem(String title, int status, String detail) {
    /** Its media type. */
    public static final String MEDIA_TYPE = "application/problem+json";

    private static final int RETRY_AFTER_SECONDS = 1;

    /** The answer that says so. 503 comes with the seconds after which to ask again. */
    public static Response response(Status status, String detail) {
        Response.ResponseBuilder response = Response.status(status)
                .type(MEDIA_TYPE)
                .entity(new Problem(status.getReasonPhrase(), status.getStatusCode(), detail));
        if (status == Status.SERVICE_UNAVAILABLE) {
            response.header("Retry-After", RETRY_AFTER_SECONDS);
        }
        return response.build();
    }
}
