package io.residua.indexer.verify;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;

/**
 * Source position of the deletion that a tombstone of a codes topic answers, from its {@code ce_id}. Partition and
 * offset are −1 if the header does not contain them.
 */
record TombstonePosition(int partition, long offset) {
    private static final TombstonePosition UNKNOWN = new TombstonePosition(-1, -1);
    private static final Pattern EVENT_ID = Pattern.compile("-(\\d{1,9})-(\\d{1,18})-\\d+");

    static TombstonePosition of(Headers headers, String modelVersion) {
        Header id = headers.lastHeader("ce_id");
        if (id == null || id.value() == null) {
            return UNKNOWN;
        }
        String text = new String(id.value(), UTF_8);
        if (!text.startsWith(modelVersion)) {
            return UNKNOWN;
        }
        Matcher position = EVENT_ID.matcher(text.substring(modelVersion.length()));
        return position.matches()
                ? new TombstonePosition(Integer.parseInt(position.group(1)), Long.parseLong(position.group(2)))
                : UNKNOWN;
    }
}
