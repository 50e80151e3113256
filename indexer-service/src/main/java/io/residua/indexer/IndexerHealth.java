package io.residua.indexer;

import io.residua.indexer.generation.GenerationService;
import io.residua.indexer.generation.GenerationView;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Produces;
import java.util.List;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.HealthCheckResponseBuilder;
import org.eclipse.microprofile.health.Liveness;
import org.eclipse.microprofile.health.Readiness;

/** Ready: connected, nothing restoring, able to answer; having no model yet is fine. Alive: able to recover by itself. */
@ApplicationScoped
class IndexerHealth {
    private final GenerationService service;

    IndexerHealth(GenerationService service) {
        this.service = service;
    }

    @Produces
    @Readiness
    HealthCheck ready() {
        return () -> {
            List<GenerationView> generations = service.generations();
            String trouble = service.trouble();
            HealthCheckResponseBuilder answer =
                    HealthCheckResponse.named("generations").status(trouble == null);
            if (trouble != null) {
                answer.withData("trouble", trouble);
            }
            if (generations.isEmpty()) {
                answer.withData("model", "none");
            }
            for (GenerationView generation : generations) {
                answer.withData(
                        "model " + generation.modelVersion(),
                        generation.state() + " " + generation.done() + " of " + generation.total() + " on "
                                + generation.device());
            }
            return answer.build();
        };
    }

    @Produces
    @Liveness
    HealthCheck alive() {
        return () -> {
            String failure = service.failure();
            HealthCheckResponseBuilder answer =
                    HealthCheckResponse.named("generations").status(failure == null);
            if (failure != null) {
                answer.withData("failure", failure);
            }
            return answer.build();
        };
    }
}
