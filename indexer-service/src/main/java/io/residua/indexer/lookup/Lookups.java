package io.residua.indexer.lookup;

import io.residua.indexer.generation.Availability;
import io.residua.indexer.generation.GenerationService;
import io.residua.indexer.http.Problem;
import io.residua.indexer.metrics.IndexerMeters;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.Response.Status;
import java.time.Duration;
import java.util.function.Function;

/** Answers look-ups in generations that are ready, counts and times them; all others get a problem. */
@ApplicationScoped
class Lookups {
    private final GenerationService generations;
    private final LookupService service;
    private final IndexerMeters meters;

    Lookups(GenerationService generations, LookupService service, IndexerMeters meters) {
        this.generations = generations;
        this.service = service;
        this.meters = meters;
    }

    /** The answer of {@code lookup}; 404 if there is no such generation, 503 while it cannot be looked up here. */
    Response answer(String kind, String version, Function<GenerationLookups, Response> lookup) {
        long start = System.nanoTime();
        String outcome = "failed";
        try {
            Response answer = attempt(version, lookup);
            outcome = outcome(answer);
            return answer;
        } finally {
            meters.lookedUp(kind, outcome, Duration.ofNanos(System.nanoTime() - start));
        }
    }

    private Response attempt(String version, Function<GenerationLookups, Response> lookup) {
        Availability availability = generations.availability(version);
        if (availability == Availability.UNKNOWN) {
            return Problem.response(Status.NOT_FOUND, "there is no generation " + version);
        }
        try {
            if (availability == Availability.NOT_READY) {
                throw new NotServedException("the index of " + version + " is not ready");
            }
            return lookup.apply(service.of(version));
        } catch (NotServedException e) {
            return Problem.response(Status.SERVICE_UNAVAILABLE, e.getMessage());
        }
    }

    private static String outcome(Response answer) {
        return switch (answer.getStatus()) {
            case 200 -> "found";
            case 304 -> "unchanged";
            case 400 -> "malformed";
            case 404 -> "unknown";
            default -> "not-ready";
        };
    }
}
