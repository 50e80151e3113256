package io.residua.indexer.http;

import jakarta.ws.rs.WebApplicationException;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.Response.Status;
import org.jboss.resteasy.reactive.server.ServerExceptionMapper;

/** Makes the errors that requests get before a resource sees them problems like all others. */
public class Problems {
    /** A path or method that there is not, an answer that the client does not accept, and so on. */
    @ServerExceptionMapper
    public Response problem(WebApplicationException e) {
        Response answer = e.getResponse();
        Status status = Status.fromStatusCode(answer.getStatus());
        boolean isError = answer.getStatus() >= Status.BAD_REQUEST.getStatusCode();
        return isError && status != null && !answer.hasEntity() ? Problem.response(status, e.getMessage()) : answer;
    }
}
