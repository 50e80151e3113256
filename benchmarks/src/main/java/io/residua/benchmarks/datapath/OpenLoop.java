package io.residua.benchmarks.datapath;

import io.residua.stack.StackException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.IntFunction;

/**
 * GET requests at a constant rate, whether or not those before have been answered. Times count from when a request was due,
 * so that a server that stalls is charged for all who would have come meanwhile.
 *
 * @param requestsPerSecond the rate
 * @param count how many requests
 */
record OpenLoop(HttpClient http, int requestsPerSecond, int count) {
    private static final long TIMEOUT_SECONDS = 60;

    /**
     * The milliseconds that each request took.
     *
     * @param address the n-th request's
     * @throws StackException if one is not answered with 200
     */
    double[] run(IntFunction<URI> address) throws InterruptedException {
        double[] millis = new double[count];
        CountDownLatch answered = new CountDownLatch(count);
        AtomicReference<String> failure = new AtomicReference<>();
        long start = System.nanoTime();
        for (int number = 0; number < count; number++) {
            int current = number;
            long due = start + (long) (number * 1e9 / requestsPerSecond);
            TimeUnit.NANOSECONDS.sleep(due - System.nanoTime());
            URI uri = address.apply(number);
            http.sendAsync(HttpRequest.newBuilder(uri).build(), BodyHandlers.discarding())
                    .whenComplete((answer, e) -> {
                        millis[current] = (System.nanoTime() - due) / 1e6;
                        if (!isFound(answer)) {
                            failure.set(uri + " was answered with " + (answer == null ? e : answer.statusCode()));
                        }
                        answered.countDown();
                    });
        }
        if (!answered.await(TIMEOUT_SECONDS, TimeUnit.SECONDS)) {
            throw new StackException(answered.getCount() + " requests were not answered in " + TIMEOUT_SECONDS + " s");
        }
        if (failure.get() != null) {
            throw new StackException(failure.get());
        }
        return millis;
    }

    private static boolean isFound(HttpResponse<Void> answer) {
        return answer != null && answer.statusCode() == 200;
    }
}
