package io.residua.evaluator.generation;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Produces;
import java.util.List;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.HealthCheckResponseBuilder;
import org.eclipse.microprofile.health.Liveness;
import org.eclipse.microprofile.health.Readiness;

/** Readiness and liveness of the evaluator. It is ready without a model, too. */
@ApplicationScoped
class EvaluatorHealth {
    private static final String NAME = "evaluator";

    private final EvaluatorService service;

    EvaluatorHealth(EvaluatorService service) {
        this.service = service;
    }

    @Produces
    @Readiness
    HealthCheck ready() {
        return () -> {
            List<String> models = service.models();
            HealthCheckResponseBuilder answer = HealthCheckResponse.named(NAME)
                    .status(service.isReady())
                    .withData("model", models.isEmpty() ? "none" : String.join(",", models));
            service.evaluations().forEach((version, state) -> answer.withData("evaluation-" + version, state));
            if (service.trouble() != null) {
                answer.withData("trouble", service.trouble());
            }
            return answer.build();
        };
    }

    @Produces
    @Liveness
    HealthCheck alive() {
        return () -> HealthCheckResponse.named(NAME).status(!service.isFailed()).build();
    }
}
