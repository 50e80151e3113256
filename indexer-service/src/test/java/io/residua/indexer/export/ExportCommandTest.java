package io.residua.indexer.export;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.residua.common.cli.Flags;
import io.residua.common.index.IndexFile;
import io.residua.common.index.ItemIndex;
import io.residua.common.safetensors.Safetensors;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ExportCommandTest {
    private static final List<String> IDS =
            List.of("7", "a,b", "say \"hi\"", "two\nlines", "cr\rlf\r\n", " größe 🙂 ", "'", "#x", "\\", "");

    @TempDir
    private Path folder;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();
    private Path index;
    private ItemIndex items;

    @BeforeEach
    void writeIndex() throws IOException {
        int[] codes = new Random(3).ints(30, 0, 16).toArray();
        items = new ItemIndex(IDS, 3, codes);
        index = folder.resolve("index.json");
        try (OutputStream file = Files.newOutputStream(index)) {
            IndexFile.write(items, file);
        }
    }

    @Test
    void indexSurvivesCsvAndBack() throws IOException {
        // Given
        Path csv = folder.resolve("codes.csv");
        Path back = folder.resolve("back.json");

        // When
        int toCsv = export("--index", index + "", "--output", csv + "");
        int toJson = export("--index", csv + "", "--output", back + "");

        // Then
        assertThat(toCsv).as(err.toString()).isZero();
        assertThat(toJson).as(err.toString()).isZero();
        assertThat(back).hasSameBinaryContentAs(index);
        int[] codes = items.codes();
        assertThat(Files.readString(csv, UTF_8))
                .startsWith(
                        "item_id,code_0,code_1,code_2\n7," + codes[0] + "," + codes[1] + "," + codes[2] + "\n\"a,b\",")
                .contains("\n\"say \"\"hi\"\"\",", "\n\"two\nlines\",");
        assertThat(out.toString().lines()).containsExactly("10 items written to " + csv, "10 items written to " + back);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"x\": [\"<a_1>\", \"<b_2>\"]}",
                "item_id,code_0,code_1\r\nx,1,2\r\n",
                "\"item_id\",\"code_0\",\"code_1\"\r\n\"x\",\"1\",\"2\"\r\n"
            })
    void fileOfAnEditorThatMarksItsByteOrderIsReadAsOthers(String content) throws IOException {
        // Given
        Path marked = Files.writeString(folder.resolve("marked"), "\uFEFF" + content);
        Path csv = folder.resolve("out.csv");

        // When
        int status = export("--index", marked + "", "--output", csv + "");

        // Then
        assertThat(status).as(err.toString()).isZero();
        assertThat(csv).hasContent("item_id,code_0,code_1\nx,1,2\n");
    }

    @Test
    void trieHoldsTheCodesInOrderAndSurvivesTheListOfThem() throws IOException {
        // Given
        Path trie = folder.resolve("trie.safetensors");
        Path list = folder.resolve("codes.csv");
        Path again = folder.resolve("again.safetensors");

        // When
        int toTrie = export("--index", index + "", "--output", trie + "", "--num_emb_list", "16", "16", "16");
        int toList = export("--index", trie + "", "--output", list + "");
        int toTrieAgain = export("--index", list + "", "--output", again + "", "--num-emb-list", "16", "16", "16");

        // Then
        assertThat(List.of(toTrie, toList, toTrieAgain)).as(err.toString()).containsOnly(0);
        TreeSet<String> distinct = new TreeSet<>();
        IntStream.range(0, items.size()).forEach(item -> distinct.add(sortable(items.code(item))));
        assertThat(Files.readAllLines(list)).first().isEqualTo("code_0,code_1,code_2");
        assertThat(Files.readAllLines(list).stream().skip(1).map(ExportCommandTest::sortable))
                .containsExactlyElementsOf(distinct);
        assertThat(again).hasSameBinaryContentAs(trie);
        assertThat(out.toString()).contains(distinct.size() + " codes written to " + list);
    }

    @Test
    void trieIsAsWideAsItIsAskedToBe() throws IOException {
        // Given
        Path trie = folder.resolve("trie.safetensors");

        // When
        int status = export("--index", index + "", "--format", "trie", "--output", trie + "", "--vocab_size", "20");

        // Then
        assertThat(status).as(err.toString()).isZero();
        assertThat(Safetensors.read(trie).tensor("start_mask").size()).isEqualTo(20);
        assertThat(Safetensors.read(trie).metadata())
                .containsEntry("codebook_sizes", items.smallestCodebookSizes().toString());
    }

    @Test
    void codesWithoutIdsBecomeNoIndex() {
        // Given
        Path trie = folder.resolve("trie.safetensors");
        assertThat(export("--index", index + "", "--output", trie + "")).isZero();

        // When
        int status = export("--index", trie + "", "--output", folder.resolve("back.json") + "");

        // Then
        assertThat(status).isEqualTo(2);
        assertThat(err.toString().strip())
                .isEqualTo("export: " + trie
                        + " holds codes without item ids: it can be written as csv or trie, not as json");
        assertThat(folder.resolve("back.json")).doesNotExist();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "item_id,code_0;x,1;y | line 3 has 1 columns, expected 2",
                "item_id,code_0;x,1;x,2 | line 3 has item 'x', as line 2 has",
                "item_id,code_0;x,-1 | line 2 has '-1' as code_0, expected a number",
                "item_id,code_0;x,one | line 2 has 'one' as code_0, expected a number",
                "id,code_0;x,1 | is no index: its header is id,code_0, expected item_id,code_0,code_1,…",
                "item_id,code_1;x,1 | is no index: its header is item_id,code_1, expected item_id,code_0,code_1,…",
                "item_id;x | line 2 has an item, but the header has no column code_0",
                "item_id,code_0;\"x,1 | is no CSV: ",
                "item_id,code_0;\"x\"y,1 | is no CSV: ",
                "[1] | is no index: it does not begin with '{'",
                "{\"x\": [\"<b_1>\"]} | is no index: item 'x' has <b_1> where a token like <a_0> was expected"
            })
    void fileThatIsNoneOfTheFormatsIsSaidInOneLine(String content, String reason) throws IOException {
        // Given
        Path file = Files.writeString(folder.resolve("file"), content.replace(';', '\n'));

        // When
        int status = export("--index", file + "", "--output", folder.resolve("out.csv") + "");

        // Then
        assertThat(status).isEqualTo(2);
        assertThat(err.toString()).startsWith("export: " + file).hasLineCount(1).contains(reason);
        assertThat(folder.resolve("out.csv")).doesNotExist();
    }

    @Test
    void csvThatIsNotUtf8IsNamed() throws IOException {
        // Given
        Path file = Files.write(folder.resolve("file"), "item_id,code_0\ngröße,1\n".getBytes(ISO_8859_1));

        // When
        int status = export("--index", file + "", "--output", folder.resolve("out.csv") + "");

        // Then
        assertThat(status).isEqualTo(2);
        assertThat(err.toString().strip()).isEqualTo("export: " + file + " is not valid UTF-8");
    }

    @Test
    void emptyAndMissingFilesAreNamed() throws IOException {
        // Given
        Path empty = Files.createFile(folder.resolve("empty"));
        Path missing = folder.resolve("missing");

        // When / Then
        assertThat(export("--index", empty + "", "--output", "x.csv")).isEqualTo(2);
        assertThat(export("--index", missing + "", "--output", "x.csv")).isEqualTo(2);
        assertThat(export("--index", folder + "", "--output", "x.csv")).isEqualTo(2);
        assertThat(err.toString().lines())
                .containsExactly(
                        "export: " + empty + " is empty, expected a header item_id,code_0,…",
                        "export: there is no file " + missing,
                        "export: " + folder + " is a folder, expected an index, a list of codes or a trie");
    }

    @Test
    void trieThatCannotBeIsRefused() throws IOException {
        // Given
        Path shallow = Files.writeString(folder.resolve("shallow.json"), "{\"0\": [\"<a_0>\", \"<b_0>\"]}");
        Path deep =
                Files.writeString(folder.resolve("deep.json"), "{\"0\": [\"<a_0>\", \"<b_0>\", \"<c_0>\", \"<d_0>\"]}");
        Path none = Files.writeString(folder.resolve("none.json"), "{}");
        Path trie = folder.resolve("trie.safetensors");

        // When / Then
        assertThat(export("--index", shallow + "", "--output", trie + "")).isEqualTo(2);
        assertThat(export("--index", none + "", "--output", trie + "")).isEqualTo(2);
        assertThat(export("--index", index + "", "--output", trie + "", "--num_emb_list", "2", "2", "2"))
                .isEqualTo(2);
        assertThat(export("--index", index + "", "--output", trie + "", "--vocab_size", "3"))
                .isEqualTo(2);
        assertThat(export("--index", deep + "", "--output", trie + "", "--num_emb_list", "4", "4", "4"))
                .isEqualTo(2);
        assertThat(export("--index", index + "", "--output", trie + "", "--num_emb_list", "16", "16", "16", "16"))
                .isEqualTo(2);
        assertThat(err.toString().lines())
                .hasSize(6)
                .anyMatch(line -> line.contains("the codes have 4 levels, expected as many codebook sizes, not 3"))
                .anyMatch(line -> line.contains("the codes have 3 levels, expected as many codebook sizes, not 4"))
                .anyMatch(line -> line.contains("a trie needs at least 3"))
                .anyMatch(line -> line.contains("has no items: name the sizes of the codebooks with --num_emb_list"))
                .anyMatch(line -> line.contains("expected 0 to 1"))
                .anyMatch(line -> line.contains("vocabulary is 3, expected"));
        assertThat(trie).doesNotExist();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "--format csv | expected either --index or --bootstrap",
                "--index x --bootstrap y --format csv | expected either --index or --bootstrap",
                "--bootstrap y --format csv | --bootstrap and --version go together",
                "--index x --version v --format csv | --bootstrap and --version go together",
                "--bootstrap y --version V! --format csv | model version is 'V!'",
                "--index x | expected --format or --output, or both",
                "--index x --format xml | is none of json, csv, trie",
                "--index x --output y.txt | --format is missing, and y.txt does not end in .json, .csv or .safetensors",
                "--index x --format csv --vocab_size 9 | --num_emb_list and --vocab_size are for --format trie",
                "--bootstrap y --version v --format trie --num_emb_list 9 | --num_emb_list is for --index"
            })
    void optionsThatDoNotGoTogetherAreSaidInOneLine(String options, String reason) {
        // When
        int status = export(options.split(" ", -1));

        // Then
        assertThat(status).isEqualTo(2);
        assertThat(err.toString()).startsWith("export: ").hasLineCount(1).contains(reason);
    }

    @ParameterizedTest
    @ValueSource(strings = {"x.csv", "x.json", "x.safetensors"})
    @EnabledOnOs(OS.LINUX)
    void outputThatCannotBeCreatedIsNamedAsItWasGiven(String name) throws IOException {
        // Given
        Path index = Files.writeString(folder.resolve("index.json"), "{\"0\":[\"<a_0>\",\"<b_1>\",\"<c_1>\"]}");

        // When
        int status = export("--index", index + "", "--output", "/proc/" + name);

        // Then
        assertThat(status).isEqualTo(2);
        assertThat(err.toString())
                .hasLineCount(1)
                .startsWith("export: cannot write /proc/" + name + ": no file can be created in /proc");
    }

    private int export(String... args) {
        return Flags.commandLine(new ExportCommand())
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true))
                .execute(args);
    }

    private static String sortable(int[] code) {
        return sortable(
                String.join(",", Arrays.stream(code).mapToObj(Integer::toString).toList()));
    }

    private static String sortable(String line) {
        StringBuilder padded = new StringBuilder();
        for (String code : line.split(",", -1)) {
            padded.append(String.format("%05d,", Integer.valueOf(code)));
        }
        return padded.toString();
    }
}
