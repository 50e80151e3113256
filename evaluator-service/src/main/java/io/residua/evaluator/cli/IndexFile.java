package io.residua.evaluator.cli;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import io.residua.common.event.Json;
import io.residua.common.event.SemanticIds;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Index files: a JSON object with an item's tokens under its id, {@code {"0":["<a_1>","<b_2>"],…}}. */
final class IndexFile {
    private static final JsonFactory JSON = JsonFactory.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .build();
    private static final Pattern TOKEN = Pattern.compile("<([a-z])_(\\d{1,9})>");

    private IndexFile() {}

    /**
     * Reads all codes, in the file's order.
     *
     * @throws IOException naming the file and the item, if it cannot be read or is no index, or items differ in their
     *     number of levels
     */
    static List<List<Integer>> read(Path file) throws IOException {
        require(!Files.isDirectory(file), file, "it is a folder");
        List<List<Integer>> codes = new ArrayList<>();
        try (InputStream in = new BufferedInputStream(Files.newInputStream(file));
                JsonParser parser = JSON.createParser(in)) {
            require(parser.nextToken() == JsonToken.START_OBJECT, file, "it does not begin with '{'");
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                codes.add(readItem(
                        file, parser, codes.isEmpty() ? -1 : codes.get(0).size()));
            }
            require(parser.nextToken() == null, file, "the object is followed by more");
        } catch (JsonProcessingException e) {
            throw new IOException(
                    file + " is no index: " + Json.reason(e) + " (line "
                            + e.getLocation().getLineNr() + ")",
                    e);
        } catch (NoSuchFileException e) {
            throw new IOException(file + " does not exist", e);
        }
        return codes;
    }

    private static List<Integer> readItem(Path file, JsonParser parser, int levels) throws IOException {
        String item = "item '" + parser.currentName() + "'";
        require(parser.nextToken() == JsonToken.START_ARRAY, file, item + " has no list of tokens");
        List<Integer> codes = new ArrayList<>();
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            Matcher token = TOKEN.matcher(String.valueOf(parser.getText()));
            int level = codes.size();
            boolean fits = parser.currentToken() == JsonToken.VALUE_STRING
                    && token.matches()
                    && level < SemanticIds.MAX_LEVELS
                    && token.group(1).charAt(0) == 'a' + level;
            require(fits, file, item + " has " + parser.getText() + " where " + expected(level) + " was expected");
            codes.add(Integer.valueOf(token.group(2)));
        }
        require(!codes.isEmpty(), file, item + " has no tokens");
        require(
                levels < 0 || codes.size() == levels,
                file,
                item + " has " + codes.size() + " levels, the first " + levels);
        return codes;
    }

    private static String expected(int level) {
        return level < SemanticIds.MAX_LEVELS ? "a token like " + SemanticIds.token(level, 0) : "the end";
    }

    private static void require(boolean condition, Path file, String problem) throws IOException {
        if (!condition) {
            throw new IOException(file + " is no index: " + problem);
        }
    }
}
