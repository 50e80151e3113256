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

/**
 * Two halves of a batch at the same time, each with half of the threads. PyTorch shares every single operation out among
 * all threads, which wait for the slowest of them each time; lanes wait for each other only where their results meet.
 */
final class Lanes {
    /** Rows of a half below which products are slower than those of the whole. */
    private static final int LEAST_ROWS = 512;

    private static final ExecutorService SECOND = Executors.newSingleThreadExecutor(task -> {
        Thread thread = new Thread(task, "second-lane");
        thread.setDaemon(true);
        return thread;
    });

    private final boolean allowed;

    /**
     * Lanes on the device of a manager.
     *
     * @param rowsAreIndependent whether what is computed of a row depends on nothing but that row
     */
    Lanes(NDManager manager, boolean rowsAreIndependent) {
        this.allowed = rowsAreIndependent && !manager.getDevice().isGpu();
    }

    /** Most lanes there can be. */
    int most() {
        return allowed ? 2 : 1;
    }

    /**
     * The batch, or two halves of it: views of its rows, in a manager. Batches of as many rows are cut alike.
     *
     * @param batch [batch, …]
     */
    List<NDArray> cut(NDArray batch, NDManager manager) {
        long rows = batch.getShape().get(0);
        if (!allowed || rows < 2 * LEAST_ROWS || Torch.threads() % 2 != 0) {
            return List.of(batch);
        }
        List<NDArray> halves = batch.split(new long[] {rows / 2});
        halves.forEach(half -> half.attach(manager));
        return halves;
    }

    /** What parts are one after the other, in a manager. */
    static NDArray join(List<NDArray> parts, NDManager manager) {
        NDArray whole = parts.size() == 1 ? parts.get(0) : NDArrays.concat(new NDList(parts));
        whole.attach(manager);
        return whole;
    }

    /**
     * Does the same with every part. With two parts the second runs in a thread where no {@code NDScope} is open: what it
     * makes lives as long as the managers of its inputs.
     */
    <P, R> List<R> run(List<P> parts, Function<P, R> action) {
        if (parts.size() == 1) {
            return List.of(action.apply(parts.get(0)));
        }
        int threads = Torch.threads();
        Torch.threads(threads / 2);
        CompletableFuture<R> second = CompletableFuture.supplyAsync(
                () -> {
                    Torch.prepareThread(threads / 2);
                    return action.apply(parts.get(1));
                },
                SECOND);
        try {
            R first = action.apply(parts.get(0));
            return List.of(first, second.join());
        } catch (CompletionException e) {
            throw e.getCause() instanceof RuntimeException cause ? cause : e;
        } finally {
            // Also when the first failed: what the second works on must not go while it does.
            second.exceptionally(e -> null).join();
            Torch.threads(threads);
        }
    }
}
