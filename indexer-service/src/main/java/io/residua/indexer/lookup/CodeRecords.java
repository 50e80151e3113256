package io.residua.indexer.lookup;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.residua.common.embedding.InvalidEmbeddingException;
import io.residua.common.embedding.ItemIds;
import io.residua.indexer.wire.Codes;
import java.io.IOException;
import java.util.List;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/** Reads the two members of an {@code ItemCode} that look-ups need, without building the whole event. */
final class CodeRecords {
    private static final JsonFactory JSON = new JsonFactory();

    private final int[] codebookSizes;

    /** A record cannot be used. */
    static final class MalformedCodeException extends Exception {
        private static final long serialVersionUID = 1;

        MalformedCodeException(String message) {
            super(message);
        }
    }

    CodeRecords(List<Integer> codebookSizes) {
        this.codebookSizes = codebookSizes.stream().mapToInt(Integer::intValue).toArray();
    }

    /**
     * What a record says.
     *
     * @throws MalformedCodeException if its key is no item id, or its value no code of the model
     */
    CodeChange read(ConsumerRecord<byte[], byte[]> record) throws MalformedCodeException {
        try {
            ItemIds.require(record.key());
        } catch (InvalidEmbeddingException e) {
            throw new MalformedCodeException(e.getMessage());
        }
        if (record.value() == null) {
            return new CodeChange(record.key(), null, 0);
        }
        try (JsonParser json = JSON.createParser(record.value())) {
            return read(record.key(), json);
        } catch (IOException e) {
            throw new MalformedCodeException("value is not valid JSON");
        }
    }

    private CodeChange read(byte[] itemId, JsonParser json) throws IOException, MalformedCodeException {
        int[] code = null;
        long claim = -1;
        require(json.nextToken() == JsonToken.START_OBJECT, "value is not a JSON object");
        while (json.nextToken() == JsonToken.FIELD_NAME) {
            String name = json.currentName();
            JsonToken value = json.nextToken();
            if (name.equals("codes")) {
                code = readCode(json, value);
            } else if (name.equals("claim")) {
                require(value == JsonToken.VALUE_NUMBER_INT, "claim is not an integer");
                claim = json.getLongValue();
            } else {
                json.skipChildren();
            }
        }
        require(code != null && claim >= 0, "value has no codes or no claim of at least 0");
        return new CodeChange(itemId, Codes.key(code), claim);
    }

    private int[] readCode(JsonParser json, JsonToken start) throws IOException, MalformedCodeException {
        require(start == JsonToken.START_ARRAY, "codes is not an array");
        int[] code = new int[codebookSizes.length];
        int level = 0;
        while (json.nextToken() != JsonToken.END_ARRAY) {
            require(level < code.length, "codes has more levels than the model");
            require(json.currentToken() == JsonToken.VALUE_NUMBER_INT, "codes holds something else than integers");
            code[level] = json.getIntValue();
            require(code[level] >= 0 && code[level] < codebookSizes[level], "codes holds an entry no codebook has");
            level++;
        }
        require(level == code.length, "codes has fewer levels than the model");
        return code;
    }

    private static void require(boolean holds, String otherwise) throws MalformedCodeException {
        if (!holds) {
            throw new MalformedCodeException(otherwise);
        }
    }
}
