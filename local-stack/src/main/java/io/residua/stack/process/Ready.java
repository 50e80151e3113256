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

/** Ways to find out whether a program can be used. */
public final class Ready {
    private static final Duration ASK = Duration.ofSeconds(5);

    private Ready() {}

    /** Ready when {@code uri} answers 200. */
    public static BooleanSupplier http(URI uri) {
        HttpClient client = HttpClient.newBuilder().connectTimeout(ASK).build();
        HttpRequest request = HttpRequest.newBuilder(uri).timeout(ASK).build();
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

    /** Ready when the broker at {@code bootstrapServers} names a node of its cluster. */
    public static BooleanSupplier kafka(String bootstrapServers) {
        Map<String, Object> settings = Map.of("bootstrap.servers", bootstrapServers, "reconnect.backoff.max.ms", 200L);
        return () -> {
            Admin admin = Admin.create(settings);
            try {
                return !admin.describeCluster()
                        .nodes()
                        .get(ASK.toSeconds(), TimeUnit.SECONDS)
                        .isEmpty();
            } catch (ExecutionException | TimeoutException e) {
                return false;
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return false;
            } finally {
                // Closing without a limit would wait for the question that nobody answers.
                admin.close(Duration.ZERO);
            }
        };
    }
}
