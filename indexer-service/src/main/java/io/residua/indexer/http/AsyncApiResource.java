package io.residua.indexer.http;

import io.residua.common.asyncapi.AsyncApi;
import io.residua.common.topic.TopicsConfig;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;

/** The topics of this installation as an AsyncAPI document. */
@Path("/asyncapi")
public class AsyncApiResource {
    private final String document;

    AsyncApiResource(TopicsConfig topics) {
        this.document = AsyncApi.document(topics).toPrettyString();
    }

    /** The document, as JSON. */
    @GET
    @Produces(MediaType.APPLICATION_JSON)
    @Operation(operationId = "asyncapi", summary = "The topics, as an AsyncAPI 3.0 document")
    @APIResponse(responseCode = "200", description = "The document.")
    public String document() {
        return document;
    }
}
