package io.residua.common.device;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The device that models run on, the value of {@code residua.device}: {@code auto}, {@code cpu} or {@code cuda:N}. */
public sealed interface Device {
    /** CUDA if build and driver support it, otherwise the CPU. */
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
     * One CUDA device. It is an error if it is not available.
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
     * Parses a device's name.
     *
     * @throws IllegalArgumentException if it is not a device's name
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
