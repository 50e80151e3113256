package io.residua.trainer.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Function;
import java.util.stream.LongStream;

/**
 * Parts of a batch at the same time, one in each thread. PyTorch by itself shares every single operation out among all
 * threads, which wait for the slowest of them each time; lanes wait for each other only where their results meet.
 */
final class Lanes {
    /** Rows of a part below which its products are slower than those of a larger one. */
    private static final int LEAST_ROWS = 512;

    private static final ExecutorService THREADS = Executors.newCachedThreadPool(task -> {
        Thread thread = new Thread(task, "lane");
        thread.setDaemon(true);
        return thread;
    });

    private final boolean allowed;

    /**
     * Lanes on the device of a manager: on a GPU there is one.
     *
     * @param rowsAreIndependent whether what is computed of a row depends on nothing but that row; otherwise there is one
     */
    Lanes(NDManager manager, boolean rowsAreIndependent) {
        this.allowed = rowsAreIndependent && !manager.getDevice().isGpu();
    }

    /**
     * A part of the batch for each thread, or the whole batch if it has too few rows for that.
     *
     * @param batch [batch, …]
     * @param manager of the parts, which are views of the batch's rows; the whole stays where it is
     */
    List<NDArray> cut(NDArray batch, NDManager manager) {
        long rows = batch.getShape().get(0);
        int count = Torch.threads();
        if (!allowed || count == 1 || rows / count < LEAST_ROWS) {
            return List.of(batch);
        }
        List<NDArray> parts = batch.split(
                LongStream.range(1, count).map(part -> part * rows / count).toArray());
        parts.forEach(part -> part.attach(manager));
        return parts;
    }

    /** What parts are one after the other, in a manager. */
    static NDArray join(List<NDArray> parts, NDManager manager) {
        NDArray whole = parts.size() == 1 ? parts.get(0) : NDArrays.concat(new NDList(parts));
        whole.attach(manager);
        return whole;
    }

    /**
     * Does the same with every part. Of several parts each gets a thread where no {@code NDScope} is open: what is made
     * there lives as long as the managers of its inputs.
     *
     * @return results in the order of the parts
     */
    static <P, R> List<R> run(List<P> parts, Function<P, R> action) {
        if (parts.size() == 1) {
            return List.of(action.apply(parts.get(0)));
        }
        int threads = Torch.threads();
        List<CompletableFuture<R>> lanes = parts.stream()
                .map(part -> CompletableFuture.supplyAsync(
                        () -> {
                            Torch.prepareThread(1);
                            return action.apply(part);
                        },
                        THREADS))
                .toList();
        try {
            // Waits for all of them, also when one has failed: what the others work on must not go before.
            CompletableFuture.allOf(lanes.toArray(CompletableFuture[]::new)).join();
            return lanes.stream().map(CompletableFuture::join).toList();
        } catch (CompletionException e) {
            if (e.getCause() instanceof Error error) {
                throw error;
            }
            throw e.getCause() instanceof RuntimeException failure ? failure : e;
        } finally {
            // Builds of PyTorch differ in whether a thread's number is that of the products in all others too.
            Torch.threads(threads);
        }
    }
}
