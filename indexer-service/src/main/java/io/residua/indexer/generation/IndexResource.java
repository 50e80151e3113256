package io.residua.indexer.generation;

import io.residua.common.event.Json;
import io.smallrye.common.annotation.Blocking;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.Response.Status;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/** REST resource that lists the running generations and pins, unpins and rolls back. All calls are idempotent. */
@Path("/generations")
public class IndexResource {
    private static final String PROBLEM = "application/problem+json";

    private final GenerationService service;

    IndexResource(GenerationService service) {
        this.service = service;
    }

    /** The running generations in the order of opening. */
    @GET
    public List<GenerationView> generations() {
        return service.generations();
    }

    /** Pins a generation: it keeps running although a newer one is ready. */
    @POST
    @Path("/{version}/pin")
    @Blocking
    public Response pin(@PathParam("version") String version) {
        return answer(() -> service.pin(version, true));
    }

    /** Unpins a generation. */
    @DELETE
    @Path("/{version}/pin")
    @Blocking
    public Response unpin(@PathParam("version") String version) {
        return answer(() -> service.pin(version, false));
    }

    /** Publishes a model again, which makes it the newest. */
    @POST
    @Path("/{version}/rollback")
    @Blocking
    public Response rollBack(@PathParam("version") String version) {
        return answer(() -> service.rollBack(version));
    }

    /** 204 on success, 404 if there is no such generation, 503 if the command cannot run now. */
    private static Response answer(Supplier<Optional<String>> command) {
        try {
            return command.get()
                    .map(unknown -> problem(Status.NOT_FOUND, unknown))
                    .orElseGet(() -> Response.noContent().build());
        } catch (IllegalStateException e) {
            return problem(Status.SERVICE_UNAVAILABLE, e.getMessage());
        }
    }

    private static Response problem(Status status, String detail) {
        return Response.status(status)
                .type(PROBLEM)
                .entity(Json.write(new Problem(status.getReasonPhrase(), status.getStatusCode(), detail)))
                .build();
    }

    /** An error as RFC 9457 describes it. */
    private record Problem(String title, int status, String detail) {}
}
