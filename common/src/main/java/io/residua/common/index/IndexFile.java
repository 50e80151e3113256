package io.residua.common.index;

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
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The index file that recommenders read: a JSON object with an item's tokens under its id,
 * <code>{"0": ["&lt;a_1&gt;", "&lt;b_2&gt;"], …}</code>.
 */
public final class IndexFile {
    private static final JsonFactory JSON = JsonFactory.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .build();
    private static final Pattern TOKEN = Pattern.compile("<([a-z])_(\\d{1,9})>");

    private IndexFile() {}

    /**
     * Reads all items, in the file's order.
     *
     * @throws IOException naming the file and the item, if it cannot be read or is no index, or items differ in their
     *     number of levels
     */
    public static ItemIndex read(Path file) throws IOException {
        require(!Files.isDirectory(file), file, "it is a folder");
        List<String> ids = new ArrayList<>();
        int[] codes = new int[0];
        int levels = 0;
        try (InputStream in = new BufferedInputStream(Files.newInputStream(file));
                JsonParser parser = JSON.createParser(in)) {
            require(parser.nextToken() == JsonToken.START_OBJECT, file, "it does not begin with '{'");
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                int[] code = readCode(file, parser);
                levels = ids.isEmpty() ? code.length : levels;
                require(
                        code.length == levels,
                        file,
                        item(parser) + " has " + code.length + " levels, the first " + levels);
                if (codes.length < (ids.size() + 1) * levels) {
                    codes = Arrays.copyOf(codes, Math.max(1024 * levels, 2 * codes.length));
                }
                System.arraycopy(code, 0, codes, ids.size() * levels, levels);
                ids.add(parser.currentName());
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
        return new ItemIndex(ids, levels, Arrays.copyOf(codes, ids.size() * levels));
    }

    private static int[] readCode(Path file, JsonParser parser) throws IOException {
        String item = item(parser);
        require(parser.nextToken() == JsonToken.START_ARRAY, file, item + " has no list of tokens");
        int[] codes = new int[SemanticIds.MAX_LEVELS];
        int level = 0;
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            Matcher token = TOKEN.matcher(String.valueOf(parser.getText()));
            boolean fits = parser.currentToken() == JsonToken.VALUE_STRING
                    && token.matches()
                    && level < SemanticIds.MAX_LEVELS
                    && token.group(1).charAt(0) == 'a' + level;
            require(fits, file, item + " has " + parser.getText() + " where " + expected(level) + " was expected");
            codes[level++] = Integer.parseInt(token.group(2));
        }
        require(level > 0, file, item + " has no tokens");
        return Arrays.copyOf(codes, level);
    }

    private static String item(JsonParser parser) throws IOException {
        return "item '" + parser.currentName() + "'";
    }

    private static String expected(int level) {
        return level < SemanticIds.MAX_LEVELS ? "a token like " + SemanticIds.token(level, 0) : "the end";
    }

    private static void require(boolean condition, Path file, String problem) throws IOException {
        if (!condition) {
            throw new IOException(file + " is no index: " + problem);
        }
    }

    /** Writes an index, and leaves {@code out} open. */
    public static void write(ItemIndex index, OutputStream out) throws IOException {
        try (IndexWriter writer = new IndexWriter(out, index.smallestCodebookSizes())) {
            for (int item = 0; item < index.size(); item++) {
                writer.add(index.ids().get(item), index.codes(), item * index.levels());
            }
        }
    }
}
