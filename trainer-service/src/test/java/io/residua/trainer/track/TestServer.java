package io.residua.trainer.track;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;

/** As much of an MLflow server as a run needs, kept in memory. */
final class TestServer implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String PATH = "/api/2.0/mlflow/";

    /** A run as the server knows it. */
    static final class Run {
        final String experiment;
        final String name;
        final Map<String, String> params = new ConcurrentHashMap<>();
        final Map<String, String> tags = new ConcurrentHashMap<>();
        /** Value by step, by name. */
        final Map<String, Map<Integer, Double>> metrics = new ConcurrentHashMap<>();

        volatile String status = "RUNNING";
        volatile String stage = "active";

        Run(String experiment, String name) {
            this.experiment = experiment;
            this.name = name;
        }
    }

    final List<String> experiments = new ArrayList<>();
    final Map<String, Run> runs = new LinkedHashMap<>();
    /** Status with which options and figures are answered. */
    volatile int answer = 200;

    private final HttpServer server;

    TestServer() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext(PATH, this::serve);
        server.setExecutor(Executors.newSingleThreadExecutor());
        server.start();
    }

    URI uri() {
        return URI.create("http://localhost:" + server.getAddress().getPort());
    }

    Run onlyRun() {
        if (runs.size() != 1) {
            throw new AssertionError("there are runs " + runs.keySet());
        }
        return runs.values().iterator().next();
    }

    private void serve(HttpExchange exchange) throws IOException {
        byte[] body = exchange.getRequestBody().readAllBytes();
        String path = exchange.getRequestURI().getPath().substring(PATH.length());
        String query = exchange.getRequestURI().getQuery();
        JsonNode request = body.length == 0 ? JSON.createObjectNode() : JSON.readTree(body);
        boolean told = path.equals("runs/log-batch") && !request.has("tags");
        String response = told && answer != 200 ? null : respond(path, query, request);
        int status = response != null ? 200 : told ? answer : 404;
        byte[] bytes = (response != null ? response : "{\"error_code\":\"RESOURCE_DOES_NOT_EXIST\",\"message\":\"no\"}")
                .getBytes(UTF_8);
        exchange.getResponseHeaders().set("Content-Type", "application/json");
        exchange.sendResponseHeaders(status, bytes.length);
        exchange.getResponseBody().write(bytes);
        exchange.close();
    }

    private String respond(String path, String query, JsonNode request) {
        switch (path) {
            case "experiments/get-by-name" -> {
                int id = experiments.indexOf(query.substring(query.indexOf('=') + 1));
                return id < 0 ? null : "{\"experiment\":{\"experiment_id\":\"" + id + "\"}}";
            }
            case "experiments/create" -> {
                experiments.add(request.get("name").asText());
                return "{\"experiment_id\":\"" + (experiments.size() - 1) + "\"}";
            }
            case "runs/create" -> {
                String id = "run-" + runs.size();
                String experiment = experiments.get(request.get("experiment_id").asInt());
                Run run = new Run(experiment, request.get("run_name").asText());
                pairs(request, "tags", run.tags);
                runs.put(id, run);
                return run(id);
            }
            case "runs/get" -> {
                String id = query.substring(query.lastIndexOf('=') + 1);
                return runs.containsKey(id) ? run(id) : null;
            }
            case "runs/update" -> {
                runs.get(request.get("run_id").asText()).status =
                        request.get("status").asText();
                return "{}";
            }
            case "runs/log-batch" -> {
                Run run = runs.get(request.get("run_id").asText());
                pairs(request, "params", run.params);
                pairs(request, "tags", run.tags);
                request.path("metrics").forEach(metric -> run.metrics
                        .computeIfAbsent(metric.get("key").asText(), key -> new ConcurrentHashMap<>())
                        .put(metric.get("step").asInt(), metric.get("value").asDouble()));
                return "{}";
            }
            default -> throw new AssertionError("unexpected request " + path);
        }
    }

    private String run(String id) {
        String stage = runs.get(id).stage;
        List<String> params = runs.get(id).params.keySet().stream()
                .map(key -> "{\"key\":\"" + key + "\",\"value\":\"\"}")
                .toList();
        return "{\"run\":{\"info\":{\"run_id\":\"" + id + "\",\"lifecycle_stage\":\"" + stage
                + "\"},\"data\":{\"params\":" + params + "}}}";
    }

    private static void pairs(JsonNode request, String name, Map<String, String> into) {
        request.path(name)
                .forEach(pair ->
                        into.put(pair.get("key").asText(), pair.get("value").asText()));
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
