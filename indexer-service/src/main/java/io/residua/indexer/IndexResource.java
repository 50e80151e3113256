package io.residua.indexer;

import io.residua.indexer.generation.GenerationService;
import io.residua.indexer.generation.GenerationView;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import java.util.List;

/** What runs on this replica, as JSON. */
@Path("/generations")
public class IndexResource {
    private final GenerationService service;

    IndexResource(GenerationService service) {
        this.service = service;
    }

    /** The running generations, oldest first. */
    @GET
    public List<GenerationView> generations() {
        return service.generations();
    }
}
