package io.residua.benchmarks;

import static java.util.Objects.requireNonNull;

import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.RunResult;

/**
 * What one benchmark method took for one parameter value.
 *
 * @param group the benchmark class
 * @param method the method
 * @param parameter its one parameter's value
 * @param elements what the time is divided by for a time per element: matrix cells, or floats
 * @param nanos time of one call, mean of the fastest iteration: other work on the machine only ever adds to it
 */
record Measurement(String group, String method, String parameter, long elements, double nanos) {

    Measurement {
        requireNonNull(group, "group is null");
        requireNonNull(method, "method is null");
        requireNonNull(parameter, "parameter is null");
        if (elements < 1) {
            throw new IllegalArgumentException("elements is " + elements + ", expected at least 1");
        }
    }

    static Measurement of(RunResult result) {
        String benchmark = result.getParams().getBenchmark();
        int dot = benchmark.lastIndexOf('.');
        String key = result.getParams().getParamsKeys().iterator().next();
        String parameter = result.getParams().getParam(key);
        Result<?> time = result.getPrimaryResult();
        return new Measurement(
                benchmark.substring(benchmark.lastIndexOf('.', dot - 1) + 1, dot),
                benchmark.substring(dot + 1),
                parameter,
                elements(parameter),
                time.getStatistics().getMin());
    }

    /** {@code 16x64} has 1024 elements, {@code 384} has 384. */
    static long elements(String parameter) {
        int by = parameter.indexOf('x');
        return by < 0
                ? Long.parseLong(parameter)
                : Long.parseLong(parameter.substring(0, by)) * Long.parseLong(parameter.substring(by + 1));
    }
}
