package io.residua.common.topic;

import static java.util.Objects.requireNonNull;

import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.apache.kafka.common.config.TopicConfig;

/**
 * The specification of a topic that a service needs.
 *
 * @param name its name
 * @param partitions how many partitions it is created with
 * @param cleanupPolicy {@code compact}, {@code delete} or {@code compact,delete}
 * @param settings further topic settings for its creation
 */
public record TopicSpec(String name, int partitions, String cleanupPolicy, Map<String, String> settings) {
    private static final Pattern NAME = Pattern.compile("(?!\\.{1,2}$)[a-zA-Z0-9._-]{1,249}");
    private static final String UNLIMITED = "-1";
    private static final Set<String> CLEANUP_POLICIES = Set.of("compact", "delete", "compact,delete");

    public TopicSpec {
        if (!NAME.matcher(requireNonNull(name, "name is null")).matches()) {
            throw new IllegalArgumentException("topic name is '" + name
                    + "', expected 1 to 249 letters, digits, dots, dashes or underscores, not . or ..");
        }
        if (partitions < 1) {
            throw new IllegalArgumentException("partitions of " + name + " is " + partitions + ", expected at least 1");
        }
        if (!CLEANUP_POLICIES.contains(requireNonNull(cleanupPolicy, "cleanupPolicy is null"))) {
            throw new IllegalArgumentException(
                    "cleanup policy of " + name + " is '" + cleanupPolicy + "', expected one of " + CLEANUP_POLICIES);
        }
        settings = Map.copyOf(settings);
    }

    /** A topic that keeps the latest record of each key. */
    public static TopicSpec compacted(String name, int partitions) {
        return new TopicSpec(name, partitions, TopicConfig.CLEANUP_POLICY_COMPACT, Map.of());
    }

    /** A topic that keeps records for the broker's retention time. */
    public static TopicSpec log(String name, int partitions) {
        return new TopicSpec(name, partitions, TopicConfig.CLEANUP_POLICY_DELETE, Map.of());
    }

    /** A topic that keeps the latest record of each key, for the broker's retention time. */
    public static TopicSpec compactedLog(String name, int partitions) {
        return new TopicSpec(name, partitions, "compact,delete", Map.of());
    }

    /** A topic without limits of time or size. Its records stay until they are deleted explicitly. */
    public static TopicSpec untilProcessed(String name, int partitions) {
        return log(name, partitions)
                .with(TopicConfig.RETENTION_MS_CONFIG, UNLIMITED)
                .with(TopicConfig.RETENTION_BYTES_CONFIG, UNLIMITED);
    }

    /** A copy with one more setting. */
    public TopicSpec with(String setting, String value) {
        Map<String, String> more = new TreeMap<>(settings);
        more.put(setting, value);
        return new TopicSpec(name, partitions, cleanupPolicy, more);
    }

    /** A copy with another number of partitions. */
    public TopicSpec withPartitions(int newPartitions) {
        return new TopicSpec(name, newPartitions, cleanupPolicy, settings);
    }

    /** A copy that keeps tombstones for at least {@code time}. */
    public TopicSpec withTombstonesKept(Duration time) {
        return with(TopicConfig.DELETE_RETENTION_MS_CONFIG, Long.toString(time.toMillis()));
    }

    /**
     * The settings that an existing topic must have: the cleanup policy, and no limit where the topic must not lose
     * records by itself. Other settings may differ from those of its creation.
     */
    Map<String, String> requiredSettings() {
        Map<String, String> required = allSettings();
        required.entrySet()
                .removeIf(setting -> !setting.getKey().equals(TopicConfig.CLEANUP_POLICY_CONFIG)
                        && !setting.getValue().equals(UNLIMITED));
        return required;
    }

    /** The topic's settings, the cleanup policy among them. */
    Map<String, String> allSettings() {
        Map<String, String> all = new TreeMap<>(settings);
        all.put(TopicConfig.CLEANUP_POLICY_CONFIG, cleanupPolicy);
        return all;
    }
}
