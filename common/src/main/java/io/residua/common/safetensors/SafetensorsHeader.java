package io.residua.common.safetensors;

import com.fasterxml.jackson.annotation.JsonAnyGetter;
import com.fasterxml.jackson.annotation.JsonAnySetter;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.residua.common.event.Json;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The JSON header of a safetensors file: one entry per tensor, in the file's order, and {@code __metadata__}. */
@JsonPropertyOrder({"__metadata__"})
final class SafetensorsHeader {
    private static final ObjectMapper JSON = JsonMapper.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    @JsonProperty("__metadata__")
    @JsonInclude(JsonInclude.Include.NON_EMPTY)
    Map<String, String> metadata = new LinkedHashMap<>();

    private final Map<String, Entry> entries = new LinkedHashMap<>();

    /**
     * Where a tensor is.
     *
     * @param dtype its type's name, which may be one we do not know
     * @param shape its sizes
     * @param offsets begin and end of its bytes, counted from the end of the header
     */
    record Entry(
            String dtype,
            long[] shape,
            @JsonProperty("data_offsets") long[] offsets) {
        long begin() {
            return offsets[0];
        }

        long end() {
            return offsets[1];
        }
    }

    @JsonAnyGetter
    Map<String, Entry> entries() {
        return entries;
    }

    @JsonAnySetter
    void add(String name, Entry entry) {
        entries.put(name, entry);
    }

    byte[] write() {
        try {
            return JSON.writeValueAsBytes(this);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("tensor names or metadata cannot be written as JSON", e);
        }
    }

    /**
     * Reads a header and checks it as the format demands.
     *
     * @param dataBytes bytes that follow the header: the tensors must fill them without gap or overlap
     * @throws IOException saying what is wrong
     */
    static SafetensorsHeader read(byte[] json, long dataBytes) throws IOException {
        if (json.length == 0 || json[0] != '{') {
            throw new IOException("the header does not begin with '{'");
        }
        SafetensorsHeader header;
        try {
            header = JSON.readValue(json, SafetensorsHeader.class);
        } catch (JsonProcessingException e) {
            throw new IOException("the header is not valid: " + Json.reason(e), e);
        }
        for (Map.Entry<String, Entry> entry : header.entries.entrySet()) {
            requireValid(entry.getKey(), entry.getValue());
        }
        header.requireContiguous(dataBytes);
        return header;
    }

    private static void requireValid(String name, Entry entry) throws IOException {
        if (entry == null || entry.dtype == null || entry.shape == null || entry.offsets == null) {
            throw new IOException("tensor '" + name + "' has no dtype, shape or data_offsets");
        }
        if (entry.offsets.length != 2 || entry.begin() < 0 || entry.end() < entry.begin()) {
            throw new IOException("tensor '" + name + "' has data_offsets " + Arrays.toString(entry.offsets)
                    + ", expected [begin, end]");
        }
        long expected;
        try {
            expected = Math.multiplyExact(
                    Tensor.elements(entry.shape), dtype(name, entry).bytes());
        } catch (ArithmeticException | IllegalArgumentException e) {
            throw new IOException("tensor '" + name + "' has the impossible shape " + Arrays.toString(entry.shape), e);
        }
        if (entry.end() - entry.begin() != expected) {
            throw new IOException("tensor '" + name + "' has " + (entry.end() - entry.begin()) + " bytes, expected "
                    + expected + " for " + entry.dtype + Arrays.toString(entry.shape));
        }
    }

    static DType dtype(String name, Entry entry) throws IOException {
        return Arrays.stream(DType.values())
                .filter(type -> type.name().equals(entry.dtype))
                .findFirst()
                .orElseThrow(() -> new IOException("tensor '" + name + "' has dtype " + entry.dtype
                        + ", expected one of " + Arrays.toString(DType.values())));
    }

    private void requireContiguous(long dataBytes) throws IOException {
        List<Map.Entry<String, Entry>> inOrder = new ArrayList<>(entries.entrySet());
        inOrder.sort(Comparator.comparingLong(
                        (Map.Entry<String, Entry> e) -> e.getValue().begin())
                .thenComparingLong(e -> e.getValue().end()));
        long end = 0;
        for (Map.Entry<String, Entry> entry : inOrder) {
            if (entry.getValue().begin() != end) {
                throw new IOException("tensor '" + entry.getKey() + "' begins at "
                        + entry.getValue().begin() + ", expected " + end + ": gaps and overlaps are not allowed");
            }
            end = entry.getValue().end();
        }
        if (end != dataBytes) {
            throw new IOException("the tensors have " + end + " bytes, but " + dataBytes + " follow the header");
        }
    }
}
