package io.residua.indexer.export;

import com.fasterxml.jackson.core.JsonParseException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamWriteFeature;
import com.fasterxml.jackson.dataformat.csv.CsvFactory;
import com.fasterxml.jackson.dataformat.csv.CsvGenerator;
import com.fasterxml.jackson.dataformat.csv.CsvParser;
import com.fasterxml.jackson.dataformat.csv.CsvSchema;
import io.residua.common.index.ItemIndex;
import java.io.BufferedInputStream;
import java.io.CharConversionException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Items and codes as CSV: a header {@code item_id,code_0,code_1,…}, then a line per item, quoted as RFC 4180 has it, in
 * UTF-8. Without the first column it is a list of codes.
 */
final class CsvFile {
    private static final String ITEM_ID = "item_id";
    private static final String CODE = "code_";
    private static final CsvSchema SCHEMA = CsvSchema.emptySchema();
    private static final CsvFactory CSV = CsvFactory.builder()
            .enable(CsvGenerator.Feature.STRICT_CHECK_FOR_QUOTING)
            .disable(StreamWriteFeature.AUTO_CLOSE_TARGET)
            .build();
    private static final Pattern CODE_TEXT = Pattern.compile("\\d{1,9}");

    private CsvFile() {}

    /** Writes what is exported, and leaves {@code out} open. */
    static void write(Exported exported, OutputStream out) throws IOException {
        try (CsvGenerator csv = CSV.createGenerator(out)) {
            csv.setSchema(SCHEMA);
            csv.writeStartArray();
            if (exported.ids().isPresent()) {
                csv.writeString(ITEM_ID);
            }
            for (int level = 0; level < exported.levels(); level++) {
                csv.writeString(CODE + level);
            }
            csv.writeEndArray();
            for (int item = 0; item < exported.size(); item++) {
                csv.writeStartArray();
                if (exported.ids().isPresent()) {
                    csv.writeString(exported.ids().get().get(item));
                }
                for (int level = 0; level < exported.levels(); level++) {
                    csv.writeNumber(exported.codes()[item * exported.levels() + level]);
                }
                csv.writeEndArray();
            }
        }
    }

    /**
     * Reads such a file.
     *
     * @throws IOException naming the file and the line that is wrong
     */
    static Exported read(Path file) throws IOException {
        try (InputStream in = new BufferedInputStream(Files.newInputStream(file));
                CsvParser parser = CSV.createParser(in)) {
            parser.setSchema(SCHEMA);
            return new Rows(file, parser).read();
        } catch (JsonParseException e) {
            throw new IOException(
                    file + ": line " + e.getLocation().getLineNr() + " is no CSV: " + e.getOriginalMessage(), e);
        } catch (CharConversionException e) {
            throw new IOException(file + " is not valid UTF-8", e);
        }
    }

    /** The rows of one file. */
    private static final class Rows {
        private final Path file;
        private final CsvParser parser;
        private final List<String> row = new ArrayList<>();
        private final List<String> ids = new ArrayList<>();
        private final Map<String, Long> lines = new HashMap<>();
        private boolean hasIds;
        private int levels;
        private int[] codes = new int[0];
        private int count;
        private long line;
        private long nextLine = 1;

        Rows(Path file, CsvParser parser) {
            this.file = file;
            this.parser = parser;
        }

        Exported read() throws IOException {
            if (!next()) {
                throw new IOException(file + " is empty, expected a header " + ITEM_ID + "," + CODE + "0,…");
            }
            readHeader();
            while (next()) {
                readItem();
            }
            int[] all = Arrays.copyOf(codes, count * levels);
            return hasIds
                    ? Exported.of(new ItemIndex(ids, count == 0 ? 0 : levels, all))
                    : Exported.ofCodes(levels, all, Optional.empty());
        }

        private boolean next() throws IOException {
            row.clear();
            if (parser.nextToken() != JsonToken.START_ARRAY) {
                return false;
            }
            // The parser's own count may be one behind or ahead here.
            line = nextLine++;
            while (parser.nextToken() != JsonToken.END_ARRAY) {
                row.add(parser.getText());
                nextLine += parser.getText().chars().filter(c -> c == '\n').count();
            }
            return true;
        }

        private void readHeader() throws IOException {
            hasIds = row.get(0).equals(ITEM_ID);
            levels = row.size() - (hasIds ? 1 : 0);
            for (int level = 0; level < levels; level++) {
                if (!row.get(row.size() - levels + level).equals(CODE + level)) {
                    throw new IOException(file + " is no index: its header is " + String.join(",", row) + ", expected "
                            + ITEM_ID + "," + CODE + "0," + CODE + "1,…");
                }
            }
        }

        private void readItem() throws IOException {
            if (levels == 0) {
                throw wrong("has an item, but the header has no column " + CODE + "0");
            }
            int columns = levels + (hasIds ? 1 : 0);
            if (row.size() != columns) {
                throw wrong("has " + row.size() + " columns, expected " + columns);
            }
            if (hasIds) {
                Long before = lines.put(row.get(0), line);
                if (before != null) {
                    throw wrong("has item '" + row.get(0) + "', as line " + before + " has");
                }
                ids.add(row.get(0));
            }
            if (codes.length < (count + 1) * levels) {
                codes = Arrays.copyOf(codes, Math.max(1024 * levels, 2 * codes.length));
            }
            for (int level = 0; level < levels; level++) {
                String code = row.get(columns - levels + level);
                if (!CODE_TEXT.matcher(code).matches()) {
                    throw wrong("has '" + code + "' as " + CODE + level + ", expected a number");
                }
                codes[count * levels + level] = Integer.parseInt(code);
            }
            count++;
        }

        private IOException wrong(String what) {
            return new IOException(file + ": line " + line + " " + what);
        }
    }
}
