package io.residua.indexer.generation;

import io.residua.indexer.http.Problem;
import io.smallrye.common.annotation.Blocking;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.Response.Status;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/** REST resource that lists the running generations and pins, unpins and rolls back. All calls are idempotent. */
@Path("/generations")
@Tag(name = "Generations")
public class IndexResource {
    private final GenerationService service;

    IndexResource(GenerationService service) {
        this.service = service;
    }

    /** The running generations in the order of opening. */
    @GET
    @Produces(MediaType.APPLICATION_JSON)
    @Operation(operationId = "generations", summary = "The generations that run on this replica")
    public List<GenerationView> generations() {
        return service.generations();
    }

    /** Pins a generation: it keeps running although a newer one is ready. */
    @POST
    @Path("/{version}/pin")
    @Blocking
    @Operation(operationId = "pin", summary = "Keep a generation although a newer one is ready")
    @APIResponse(responseCode = "204", description = "Done.")
    @APIResponse(responseCode = "404", ref = "unknown")
    @APIResponse(responseCode = "503", ref = "unavailable")
    public Response pin(@PathParam("version") String version) {
        return answer(() -> service.pin(version, true));
    }

    /** Unpins a generation. */
    @DELETE
    @Path("/{version}/pin")
    @Blocking
    @Operation(operationId = "unpin", summary = "Keep a generation no longer than others")
    @APIResponse(responseCode = "204", description = "Done.")
    @APIResponse(responseCode = "404", ref = "unknown")
    @APIResponse(responseCode = "503", ref = "unavailable")
    public Response unpin(@PathParam("version") String version) {
        return answer(() -> service.pin(version, false));
    }

    /** Publishes a model again, which makes it the newest. */
    @POST
    @Path("/{version}/rollback")
    @Blocking
    @Operation(operationId = "rollBack", summary = "Make a published model the newest again")
    @APIResponse(responseCode = "204", description = "Done.")
    @APIResponse(responseCode = "404", ref = "unknown")
    @APIResponse(responseCode = "503", ref = "unavailable")
    public Response rollBack(@PathParam("version") String version) {
        return answer(() -> service.rollBack(version));
    }

    /** 204 on success, 404 if there is no such generation, 503 if the command cannot run now. */
    private static Response answer(Supplier<Optional<String>> command) {
        try {
            return command.get()
                    .map(unknown -> Problem.response(Status.NOT_FOUND, unknown))
                    .orElseGet(() -> Response.noContent().build());
        } catch (IllegalStateException e) {
            return Problem.response(Status.SERVICE_UNAVAILABLE, e.getMessage());
        }
    }
}
