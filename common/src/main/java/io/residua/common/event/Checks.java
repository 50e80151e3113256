package io.residua.common.event;

import static java.util.Objects.requireNonNull;

import java.util.List;

/**
 * Argument checks for the constructors of records. Each method returns its argument or throws an exception that names
 * the value.
 */
public final class Checks {
    private Checks() {}

    /** A text with at least one character. */
    public static String requireText(String name, String value) {
        if (requireNonNull(value, name + " is null").isEmpty()) {
            throw new IllegalArgumentException(name + " is empty");
        }
        return value;
    }

    /** A number that is not negative. */
    public static long requireNotNegative(String name, long value) {
        if (value < 0) {
            throw new IllegalArgumentException(name + " is " + value + ", expected at least 0");
        }
        return value;
    }

    /** A number that is neither NaN nor infinite, because JSON has no such numbers. */
    public static double requireFinite(String name, double value) {
        if (!Double.isFinite(value)) {
            throw new IllegalArgumentException(name + " is " + value + ", expected a finite number");
        }
        return value;
    }

    /** A finite number that is not negative. */
    public static double requireNotNegative(String name, double value) {
        if (!(value >= 0 && value < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException(name + " is " + value + ", expected a finite number of at least 0");
        }
        return value;
    }

    /** A number from 0 to 1. */
    public static double requireShare(String name, double value) {
        if (!(value >= 0 && value <= 1)) {
            throw new IllegalArgumentException(name + " is " + value + ", expected 0 to 1");
        }
        return value;
    }

    /** An unmodifiable copy of a list without nulls. */
    public static <T> List<T> copy(String name, List<T> list) {
        return List.copyOf(requireNonNull(list, name + " is null"));
    }
}
