package io.residua.evaluator.dashboard;

import io.residua.common.event.IndexMetrics;
import io.residua.common.event.Json;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.NotFoundException;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.time.Instant;
import java.util.List;

/** REST resource of the metrics, as JSON in the form of {@code index-metrics}. */
@Path("/metrics/index")
@Produces(MediaType.APPLICATION_JSON)
public class MetricsResource {
    private final MetricsView view;

    MetricsResource(MetricsView view) {
        this.view = view;
    }

    /** The newest metrics of every model, ordered by model version. */
    @GET
    public byte[] newest() {
        return Json.write(view.newest());
    }

    /** The newest metrics of one model. */
    @GET
    @Path("/{version}")
    public byte[] newest(String version) {
        List<IndexMetrics> history = known(version);
        return Json.write(history.get(history.size() - 1));
    }

    /** The metrics history of one model, oldest first. */
    @GET
    @Path("/{version}/history")
    public byte[] history(String version) {
        return Json.write(known(version).stream().map(Point::of).toList());
    }

    private List<IndexMetrics> known(String version) {
        List<IndexMetrics> history = view.history(version);
        if (history.isEmpty()) {
            throw new NotFoundException("no metrics of model '" + version + "'");
        }
        return history;
    }

    record Point(Instant time, long items, double rawCollisionRate) {
        static Point of(IndexMetrics metrics) {
            return new Point(metrics.time(), metrics.items(), metrics.rawCollisionRate());
        }
    }
}
