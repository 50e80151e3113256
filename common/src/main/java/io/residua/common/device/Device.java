package io.residua.common.device;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Where models are to run, as {@code residua.device} says it: {@code auto}, {@code cpu} or {@code cuda:N}. */
public sealed interface Device {
    /** CUDA where build and driver have it, otherwise the CPU. */
    record Auto() implements Device {
        @Override
        public String toString() {
            return "auto";
        }
    }

    /** The CPU. */
    record Cpu() implements Device {
        @Override
        public String toString() {
            return "cpu";
        }
    }

    /**
     * One CUDA device and no other: that it cannot be had is an error.
     *
     * @param index the device's number, from 0
     */
    record Cuda(int index) implements Device {
        @Override
        public String toString() {
            return "cuda:" + index;
        }
    }

    /**
     * Reads a device's name.
     *
     * @throws IllegalArgumentException if it is none
     */
    static Device parse(String name) {
        Matcher cuda = Pattern.compile("cuda(?::(\\d{1,3}))?").matcher(name);
        if (cuda.matches()) {
            return new Cuda(cuda.group(1) == null ? 0 : Integer.parseInt(cuda.group(1)));
        }
        return switch (name) {
            case "auto" -> new Auto();
            case "cpu" -> new Cpu();
            default ->
                throw new IllegalArgumentException(
                        "device is '" + name + "', expected auto, cpu or cuda:N with N from 0");
        };
    }
}
