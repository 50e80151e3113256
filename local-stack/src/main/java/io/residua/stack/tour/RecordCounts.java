package io.residua.stack.tour;

import io.residua.common.topic.TopicsConfig;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.apache.kafka.clients.admin.Admin;

/** Counts the committed records of the topics {@code models} and {@code item-codes-*}. */
final class RecordCounts {
    private RecordCounts() {}

    /** Reads the topics from beginning to end and returns their counts. */
    static Map<String, Long> now(Clients clients, Admin admin, TopicsConfig names) {
        Map<String, Long> counts = new TreeMap<>();
        for (String topic : topics(admin)) {
            if (topic.equals(names.models()) || topic.startsWith(names.itemCodes() + "-")) {
                counts.put(topic, count(clients, topic));
            }
        }
        return counts;
    }

    private static long count(Clients clients, String topic) {
        long[] count = new long[1];
        try (TopicReader reader = new TopicReader(clients, topic)) {
            reader.readToEnd(record -> count[0]++);
        }
        return count[0];
    }

    private static Set<String> topics(Admin admin) {
        return Clients.get("listing topics", admin.listTopics().names());
    }
}
