package io.residua.indexer.generation;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Produces;
import java.util.List;
import java.util.Optional;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.HealthCheckResponseBuilder;
import org.eclipse.microprofile.health.Liveness;
import org.eclipse.microprofile.health.Readiness;

/** Readiness and liveness of this replica, see {@link GenerationHealth}. A replica without a model is ready. */
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
            Optional<String> trouble = service.trouble();
            HealthCheckResponseBuilder answer =
                    HealthCheckResponse.named("generations").status(trouble.isEmpty());
            trouble.ifPresent(cause -> answer.withData("trouble", cause));
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
            Optional<String> failure = service.failure();
            HealthCheckResponseBuilder answer =
                    HealthCheckResponse.named("generations").status(failure.isEmpty());
            failure.ifPresent(cause -> answer.withData("failure", cause));
            return answer.build();
        };
    }
}
