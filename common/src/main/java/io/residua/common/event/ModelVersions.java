package io.residua.common.event;

import java.util.regex.Pattern;

/** The names of model versions. A version becomes part of topic names and of paths. */
public final class ModelVersions {
    private static final Pattern VALID = Pattern.compile("[a-z0-9][a-z0-9-]{0,62}");

    private ModelVersions() {}

    /** Whether {@code version} is 1 to 63 lower-case letters, digits or dashes and does not begin with a dash. */
    public static boolean isValid(String version) {
        return version != null && VALID.matcher(version).matches();
    }

    /**
     * Returns {@code version}.
     *
     * @throws IllegalArgumentException if it is not valid
     */
    public static String require(String version) {
        if (!isValid(version)) {
            throw new IllegalArgumentException("model version is '" + version + "', expected " + VALID.pattern());
        }
        return version;
    }
}
