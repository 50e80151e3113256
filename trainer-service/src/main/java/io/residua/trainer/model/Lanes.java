package io.residua.trainer.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.IntUnaryOperator;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/**
 * Parts of a batch at the same time, one in each thread. PyTorch by itself shares every single operation out among all
 * threads, which wait for the slowest of them each time; lanes wait for each other only where their results meet.
 */
final class Lanes {
    /** Rows of a part below which its products are slower than those of a larger one. */
    private static final int LEAST_ROWS = 512;

    /** Threads, by their number. They take what is to be done in the order in which it came. */
    private static final Map<Integer, Executor> THREADS = new ConcurrentHashMap<>();

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
        int count = count(rows);
        if (count == 1) {
            return List.of(batch);
        }
        List<NDArray> parts = batch.split(
                LongStream.range(1, count).map(part -> part * rows / count).toArray());
        parts.forEach(part -> part.attach(manager));
        return parts;
    }

    /** How many lanes rows are worth. */
    private int count(long rows) {
        int threads = Torch.threads();
        return allowed && rows / threads >= LEAST_ROWS ? threads : 1;
    }

    /**
     * Does the same with ranges of rows, of about one length and as many for each lane.
     *
     * @param rows rows in all
     * @param most rows that all lanes may have in hand together, if each can be worth its while with them
     * @param action gets where a range begins and where it ends; of several lanes each is a thread where no
     *     {@code NDScope} is open
     * @return results in the order of the ranges
     */
    <R> List<R> inRanges(int rows, int most, BiFunction<Integer, Integer, R> action) {
        int lanes = count(rows);
        int longest = lanes == 1 ? most : Math.max(LEAST_ROWS, most / lanes);
        int ranges = -Math.floorDiv(-rows, lanes * longest) * lanes;
        IntUnaryOperator bound = i -> (int) ((long) rows * i / ranges);
        Function<Integer, R> range = i -> action.apply(bound.applyAsInt(i), bound.applyAsInt(i + 1));
        List<Integer> numbers = IntStream.range(0, ranges).boxed().toList();
        return lanes == 1 ? numbers.stream().map(range).toList() : run(numbers, (i, tasks) -> range.apply(i));
    }

    /** What parts have, one after the other, in a manager. */
    static <P> NDArray join(List<P> parts, Function<P, NDArray> array, NDManager manager) {
        NDList arrays = new NDList(parts.stream().map(array).toList());
        NDArray whole = arrays.size() == 1 ? arrays.get(0) : NDArrays.concat(arrays);
        whole.attach(manager);
        return whole;
    }

    /** The sum of what parts have, in a manager. */
    static <P> NDArray sum(List<P> parts, Function<P, NDArray> array, NDManager manager) {
        NDArray sum = parts.stream().map(array).reduce(NDArray::add).orElseThrow();
        sum.attach(manager);
        return sum;
    }

    /**
     * Does the same with every part. Of several parts each is done in a thread where no {@code NDScope} is open: what is
     * made there lives as long as the managers of its inputs.
     *
     * @param action gets a part, and where to leave tasks for whichever lane comes to its end first. It must not wait for
     *     tasks, which may begin only when it has returned, nor call this method
     * @return results in the order of the parts, when all tasks are done too
     */
    static <P, R> List<R> run(List<P> parts, BiFunction<P, Executor, R> action) {
        if (parts.size() == 1) {
            return List.of(action.apply(parts.get(0), Runnable::run));
        }
        int threads = Torch.threads();
        Executor pool = THREADS.computeIfAbsent(Math.min(parts.size(), threads), Lanes::pool);
        Queue<CompletableFuture<?>> all = new ConcurrentLinkedQueue<>();
        Executor tasks = task -> all.add(CompletableFuture.runAsync(
                () -> {
                    Torch.prepareThread(1);
                    task.run();
                },
                pool));
        List<CompletableFuture<R>> lanes = new ArrayList<>();
        try {
            for (P part : parts) {
                lanes.add(CompletableFuture.supplyAsync(
                        () -> {
                            Torch.prepareThread(1);
                            return action.apply(part, tasks);
                        },
                        pool));
            }
        } finally {
            all.addAll(lanes);
            try {
                joinAll(all);
            } finally {
                // Builds of PyTorch differ in whether a thread's number is that of the products in all others too.
                Torch.threads(threads);
            }
        }
        return lanes.stream().map(CompletableFuture::join).toList();
    }

    /** Waits for all of them, also when one has failed: what the others work on must not go before. */
    private static void joinAll(Queue<CompletableFuture<?>> all) {
        Throwable failure = null;
        for (CompletableFuture<?> one = all.poll(); one != null; one = all.poll()) {
            try {
                one.join();
            } catch (CompletionException e) {
                if (failure == null) {
                    failure = e.getCause();
                } else if (failure != e.getCause()) {
                    failure.addSuppressed(e.getCause());
                }
            }
        }
        if (failure instanceof Error error) {
            throw error;
        }
        if (failure != null) {
            throw failure instanceof RuntimeException e ? e : new CompletionException(failure);
        }
    }

    private static Executor pool(int threads) {
        ThreadFactory factory = task -> {
            Thread thread = new Thread(task, "lane");
            thread.setDaemon(true);
            return thread;
        };
        ThreadPoolExecutor pool =
                new ThreadPoolExecutor(threads, threads, 1, TimeUnit.MINUTES, new LinkedBlockingQueue<>(), factory);
        pool.allowCoreThreadTimeOut(true);
        return pool;
    }
}
