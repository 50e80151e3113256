package io.residua.trainer.job;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Produces;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Liveness;
import org.eclipse.microprofile.health.Readiness;

/** Ready: able to take requests (that the broker is there is SmallRye's own check). Alive: jobs can be run. */
@ApplicationScoped
class TrainerHealth {
    private final JobQueue jobs;
    private final Installation installation;

    TrainerHealth(JobQueue jobs, Installation installation) {
        this.jobs = jobs;
        this.installation = installation;
    }

    @Produces
    @Readiness
    HealthCheck ready() {
        return () -> HealthCheckResponse.named("training")
                .status(jobs.alive())
                .withData("device", installation.actualDevice())
                .withData("running", jobs.runningRequest().orElse("none"))
                .withData("waiting", jobs.waitingJobs())
                .build();
    }

    @Produces
    @Liveness
    HealthCheck alive() {
        return () -> HealthCheckResponse.named("training").status(jobs.alive()).build();
    }
}
