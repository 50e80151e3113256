package io.residua.benchmarks;

import io.residua.common.resolve.CollisionResolver;
import io.residua.common.resolve.OptimalResolver;
import io.residua.common.resolve.SinkhornResolver;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/**
 * One collision problem resolved. The limit is one pass of {@code Math.exp} over the matrix: a resolver that computes a
 * Gibbs kernel cannot do with less.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class ResolverBenchmark {
    private static final int DIM = 32;
    private static final int PROBLEMS = 8;

    /** Items × free entries. */
    @Param({"2x200", "16x64", "64x64", "256x256"})
    public String shape;

    private final CollisionResolver sinkhorn = new SinkhornResolver();
    private final CollisionResolver optimal = new OptimalResolver();
    private final double[][] problems = new double[PROBLEMS][];
    private int n;
    private int m;
    private int next;

    /** Seeded problems in turn, so that the processor does not learn a single one. */
    @Setup
    public void prepare() {
        int by = shape.indexOf('x');
        n = Integer.parseInt(shape.substring(0, by));
        m = Integer.parseInt(shape.substring(by + 1));
        for (int k = 0; k < PROBLEMS; k++) {
            problems[k] = collisions(n, m, new Random(k));
        }
    }

    @Benchmark
    public int[] sinkhorn() {
        return sinkhorn.resolve(problem(), n, m, null);
    }

    @Benchmark
    public int[] optimal() {
        return optimal.resolve(problem(), n, m, null);
    }

    @Benchmark
    public double expPass() {
        double sum = 0;
        for (double distance : problem()) {
            sum += Math.exp(-0.05 * distance);
        }
        return sum;
    }

    private double[] problem() {
        next = (next + 1) % PROBLEMS;
        return problems[next];
    }

    /** Squared distances of scattered entries to items near a few of them, four items to one. */
    private static double[] collisions(int n, int m, Random random) {
        double[] entries = random.doubles((long) m * DIM, -1, 1).toArray();
        double[] distances = new double[n * m];
        double[] item = new double[DIM];
        for (int i = 0; i < n; i++) {
            int wanted = i / 4 % m;
            for (int d = 0; d < DIM; d++) {
                item[d] = entries[wanted * DIM + d] + 0.3 * random.nextGaussian();
            }
            for (int j = 0; j < m; j++) {
                for (int d = 0; d < DIM; d++) {
                    double difference = item[d] - entries[j * DIM + d];
                    distances[i * m + j] += difference * difference;
                }
            }
        }
        return distances;
    }
}
