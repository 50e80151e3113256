package io.residua.evaluator.stream;

import static java.util.function.Function.identity;
import static java.util.stream.Collectors.toMap;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import io.residua.common.event.ItemCode;
import io.residua.common.event.Json;
import io.residua.common.event.ModelVersions;
import io.residua.common.event.Resolution;
import io.residua.evaluator.tally.CodedItem;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Reads the members of an {@link ItemCode} that are evaluated, and skips the others.
 *
 * @param modelVersion the model that the codes must be of
 * @param codebookSizes entries per level of that model, coarsest first
 */
record ItemCodeReader(String modelVersion, List<Integer> codebookSizes) {
    private static final JsonFactory JSON = JsonFactory.builder()
            .enable(StreamReadFeature.USE_FAST_DOUBLE_PARSER)
            .build();
    private static final String EXPECTED_RESOLUTION = "nearest, sinkhorn or spilled";
    private static final Map<String, Resolution> RESOLUTIONS = Arrays.stream(Resolution.values())
            .collect(toMap(resolution -> resolution.name().toLowerCase(Locale.ROOT), identity()));

    ItemCodeReader {
        ModelVersions.require(modelVersion);
        codebookSizes = List.copyOf(codebookSizes);
    }

    /**
     * Reads a record's value.
     *
     * @throws IllegalArgumentException saying what is wrong, if it is no code of the model
     */
    CodedItem read(byte[] json) {
        try (JsonParser parser = JSON.createParser(json)) {
            CodedItem item = readObject(parser);
            item.requireEntriesOf(codebookSizes);
            return item;
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("not a valid ItemCode: " + Json.reason(e), e);
        } catch (IOException e) {
            throw new IllegalArgumentException("not a valid ItemCode: " + e.getMessage(), e);
        }
    }

    private CodedItem readObject(JsonParser parser) throws IOException {
        parser.nextToken();
        requireToken(parser, "the value", JsonToken.START_OBJECT, "an object");
        String version = null;
        List<Integer> codes = null;
        List<Integer> nearestCodes = null;
        Resolution resolution = null;
        Double quantisationError = null;
        Double nearestError = null;
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String member = parser.currentName();
            parser.nextToken();
            switch (member) {
                case "modelVersion" -> version = readModelVersion(parser);
                case "codes" -> codes = readCodes(parser);
                case "nearestCodes" -> nearestCodes = readCodes(parser);
                case "resolution" -> resolution = readResolution(parser);
                case "quantisationError" -> quantisationError = readNumber(parser);
                case "nearestError" -> nearestError = readNumber(parser);
                default -> parser.skipChildren();
            }
        }
        requirePresent("modelVersion", version, "'" + modelVersion + "'");
        requirePresent("resolution", resolution, EXPECTED_RESOLUTION);
        return new CodedItem(
                requirePresent("codes", codes, "a list of numbers"),
                requirePresent("nearestCodes", nearestCodes, "a list of numbers"),
                resolution,
                requirePresent("quantisationError", quantisationError, "a number"),
                requirePresent("nearestError", nearestError, "a number"));
    }

    private String readModelVersion(JsonParser parser) throws IOException {
        String version = parser.getText();
        if (!version.equals(modelVersion)) {
            throw new IllegalArgumentException("modelVersion is '" + version + "', expected '" + modelVersion + "'");
        }
        return version;
    }

    private static Resolution readResolution(JsonParser parser) throws IOException {
        String name = parser.getText();
        Resolution resolution = RESOLUTIONS.get(name);
        if (resolution == null) {
            throw new IllegalArgumentException("resolution is '" + name + "', expected " + EXPECTED_RESOLUTION);
        }
        return resolution;
    }

    private List<Integer> readCodes(JsonParser parser) throws IOException {
        requireToken(parser, parser.currentName(), JsonToken.START_ARRAY, "a list of numbers");
        List<Integer> codes = new ArrayList<>(codebookSizes.size());
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            requireToken(parser, "a code", JsonToken.VALUE_NUMBER_INT, "a whole number");
            codes.add(parser.getIntValue());
        }
        return codes;
    }

    private static double readNumber(JsonParser parser) throws IOException {
        if (!parser.currentToken().isNumeric()) {
            throw new IllegalArgumentException(
                    parser.currentName() + " is " + parser.currentToken() + ", expected a number");
        }
        return parser.getDoubleValue();
    }

    private static void requireToken(JsonParser parser, String what, JsonToken expected, String description) {
        if (parser.currentToken() != expected) {
            throw new IllegalArgumentException(what + " is " + parser.currentToken() + ", expected " + description);
        }
    }

    private static <T> T requirePresent(String member, T value, String expected) {
        if (value == null) {
            throw new IllegalArgumentException(member + " is missing, expected " + expected);
        }
        return value;
    }
}
