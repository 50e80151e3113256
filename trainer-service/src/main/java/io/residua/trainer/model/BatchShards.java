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
 * Splits a batch into shards and processes them concurrently, one per thread. PyTorch on its own parallelises each
 * single operation, and all threads wait for the slowest one each time. Shards synchronise only where their results are
 * combined.
 */
final class BatchShards {
    /** Minimum number of rows per shard. Matrix products of fewer rows are less efficient. */
    private static final int MIN_ROWS = 512;

    /** Thread pools by their number of threads. Tasks start in FIFO order. */
    private static final Map<Integer, Executor> THREADS = new ConcurrentHashMap<>();

    private final boolean allowed;

    /**
     * Shards for the device of a manager. On a GPU there is only one shard.
     *
     * @param rowsAreIndependent whether the result of a row depends on that row only; otherwise there is only one shard
     */
    BatchShards(NDManager manager, boolean rowsAreIndependent) {
        this.allowed = rowsAreIndependent && !manager.getDevice().isGpu();
    }

    /**
     * Splits the batch into one shard per thread, or returns it whole if it has too few rows.
     *
     * @param batch [batch, …]
     * @param manager manager of the shards, which are views of the batch's rows
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

    /** Number of shards for a number of rows. */
    private int count(long rows) {
        int threads = Torch.threads();
        return allowed && rows / threads >= MIN_ROWS ? threads : 1;
    }

    /**
     * Processes ranges of rows of about equal length, the same number of ranges for each shard.
     *
     * @param rows total number of rows
     * @param most maximum number of rows processed concurrently across all shards
     * @param action receives the begin and the end of a range. With several shards it runs on threads that have no open
     *     {@code NDScope}
     * @return results in the order of the ranges
     */
    <R> List<R> inRanges(int rows, int most, BiFunction<Integer, Integer, R> action) {
        int shards = count(rows);
        int longest = shards == 1 ? most : Math.max(MIN_ROWS, most / shards);
        int ranges = -Math.floorDiv(-rows, shards * longest) * shards;
        IntUnaryOperator bound = i -> (int) ((long) rows * i / ranges);
        Function<Integer, R> range = i -> action.apply(bound.applyAsInt(i), bound.applyAsInt(i + 1));
        List<Integer> numbers = IntStream.range(0, ranges).boxed().toList();
        return shards == 1 ? numbers.stream().map(range).toList() : run(numbers, (i, tasks) -> range.apply(i));
    }

    /** Concatenates one array of each part; attaches the result to a manager. */
    static <P> NDArray join(List<P> parts, Function<P, NDArray> array, NDManager manager) {
        NDList arrays = new NDList(parts.stream().map(array).toList());
        NDArray whole = arrays.size() == 1 ? arrays.get(0) : NDArrays.concat(arrays);
        whole.attach(manager);
        return whole;
    }

    /** Adds one array of each part; attaches the result to a manager. */
    static <P> NDArray sum(List<P> parts, Function<P, NDArray> array, NDManager manager) {
        NDArray sum = parts.stream().map(array).reduce(NDArray::add).orElseThrow();
        sum.attach(manager);
        return sum;
    }

    /**
     * Processes every part concurrently and waits for all parts and their tasks. With several parts each one runs on a
     * thread without an open {@code NDScope}: arrays created there live as long as the managers of their inputs.
     *
     * @param action receives a part and an executor for tasks, which the first idle threads run. It must not wait for
     *     its tasks, because they may start only after it has returned, nor call this method
     * @return results in the order of the parts
     */
    static <P, R> List<R> run(List<P> parts, BiFunction<P, Executor, R> action) {
        if (parts.size() == 1) {
            return List.of(action.apply(parts.get(0), Runnable::run));
        }
        int threads = Torch.threads();
        Executor pool = THREADS.computeIfAbsent(Math.min(parts.size(), threads), BatchShards::pool);
        Queue<CompletableFuture<?>> all = new ConcurrentLinkedQueue<>();
        Executor tasks = task -> all.add(CompletableFuture.runAsync(
                () -> {
                    Torch.prepareThread(1);
                    task.run();
                },
                pool));
        List<CompletableFuture<R>> shards = new ArrayList<>();
        try {
            for (P part : parts) {
                shards.add(CompletableFuture.supplyAsync(
                        () -> {
                            Torch.prepareThread(1);
                            return action.apply(part, tasks);
                        },
                        pool));
            }
        } finally {
            all.addAll(shards);
            try {
                joinAll(all);
            } finally {
                // Builds of PyTorch differ in whether a thread's number is that of the products in all others too.
                Torch.threads(threads);
            }
        }
        return shards.stream().map(CompletableFuture::join).toList();
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
            Thread thread = new Thread(task, "shard");
            thread.setDaemon(true);
            return thread;
        };
        ThreadPoolExecutor pool =
                new ThreadPoolExecutor(threads, threads, 1, TimeUnit.MINUTES, new LinkedBlockingQueue<>(), factory);
        pool.allowCoreThreadTimeOut(true);
        return pool;
    }
}
