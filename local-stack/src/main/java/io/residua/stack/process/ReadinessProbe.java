package io.residua.stack.process;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import org.apache.kafka.clients.admin.Admin;

/** Probes whether a program is ready. */
public final class ReadinessProbe {
    private static final Duration REQUEST_TIMEOUT = Duration.ofSeconds(5);

    private ReadinessProbe() {}

    /** ReadinessProbe when {@code uri} answers 200. */
    public static BooleanSupplier http(URI uri) {
        HttpClient client =
                HttpClient.newBuilder().connectTimeout(REQUEST_TIMEOUT).build();
        HttpRequest request =
                HttpRequest.newBuilder(uri).timeout(REQUEST_TIMEOUT).build();
        return () -> {
            try {
                return client.send(request, BodyHandlers.discarding()).statusCode() == 200;
            } catch (IOException e) {
                return false;
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return false;
            }
        };
    }

    /** ReadinessProbe when the broker at {@code bootstrapServers} names a node of its cluster. */
    public static BooleanSupplier kafka(String bootstrapServers) {
        Map<String, Object> settings = Map.of("bootstrap.servers", bootstrapServers, "reconnect.backoff.max.ms", 200L);
        return () -> {
            Admin admin = Admin.create(settings);
            try {
                return !admin.describeCluster()
                        .nodes()
                        .get(REQUEST_TIMEOUT.toSeconds(), TimeUnit.SECONDS)
                        .isEmpty();
            } catch (ExecutionException | TimeoutException e) {
                return false;
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return false;
            } finally {
                // Without a timeout, close would wait for the request that nobody answers.
                admin.close(Duration.ZERO);
            }
        };
    }
}
