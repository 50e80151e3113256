package io.residua.common.safetensors;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SafetensorsTest {
    private static final Path FROM_PYTHON = Path.of("src/test/resources/safetensors/from-python.safetensors");
    private static final float[] FLOATS = {0.5f, -1.25f, 3, 1e-3f, 65504, -0f};

    @TempDir
    private Path temp;

    @Test
    void fileWrittenByPythonIsRead() throws IOException {
        // When
        Safetensors file = Safetensors.read(FROM_PYTHON);

        // Then
        assertThat(file.names())
                .containsExactlyInAnyOrder("f32", "f64", "f16", "i64", "i32", "u8", "bool", "scalar", "empty");
        assertThat(file.metadata()).containsOnly(Map.entry("format", "np"), Map.entry("made by", "Python"));
        assertThat(file.tensor("f32").shape()).containsExactly(2, 3);
        assertThat(file.tensor("f32").floats()).containsExactly(FLOATS);
        assertThat(file.tensor("f64").doubles()).containsExactly(0.5, -1.25, 3, 1e-3, 65504, -0.0);
        assertThat(file.tensor("f16").floats()).containsExactly(0.5f, -1.25f, 3, 0x1.064p-10f, 65504, -0f);
        assertThat(file.tensor("i64").longs()).containsExactly(-1, 1L << 40);
        assertThat(file.tensor("i32").longs()).containsExactly(7, -7);
        assertThat(file.tensor("u8").longs()).containsExactly(0, 255);
        assertThat(file.tensor("bool").longs()).containsExactly(1, 0, 1);
        assertThat(file.tensor("scalar").shape()).isEmpty();
        assertThat(file.tensor("scalar").longs()).containsExactly(42);
        assertThat(file.tensor("empty").shape()).containsExactly(0, 3);
        assertThat(file.tensor("empty").size()).isZero();
    }

    @Test
    void writtenTensorsAreReadAgainInTheirOrder() throws IOException {
        // Given
        Path path = temp.resolve("x.safetensors");
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        tensors.put("z", Tensor.of(FLOATS, 3, 2));
        tensors.put("flags", new Tensor(DType.BOOL, ByteBuffer.wrap(new byte[] {1, 0, 1}), 3));
        tensors.put("a", Tensor.of(new double[] {Math.PI}, 1));
        tensors.put("half", Tensor.ofFloat16(FLOATS, 6));
        tensors.put("step", Tensor.of(new long[] {1L << 60}));
        tensors.put("ünicode", Tensor.of(new int[] {-3}, 1, 1));

        // When
        Safetensors.write(path, tensors, Map.of("format", "pt"));
        Safetensors file = Safetensors.read(path);

        // Then
        assertThat(file.names()).containsExactly("z", "flags", "a", "half", "step", "ünicode");
        assertThat(file.metadata()).containsOnly(Map.entry("format", "pt"));
        for (String name : tensors.keySet()) {
            assertThat(file.tensor(name)).hasToString(tensors.get(name).toString());
            assertThat(file.tensor(name).bytes()).isEqualTo(tensors.get(name).bytes());
        }
        long headerLength = ByteBuffer.wrap(Files.readAllBytes(path))
                .order(ByteOrder.LITTLE_ENDIAN)
                .getLong();
        assertThat(headerLength % 8).isZero();
        try (Stream<Path> files = Files.list(temp)) {
            assertThat(files).containsExactly(path);
        }
    }

    @Test
    void fileInUseCanBeReplaced() throws IOException {
        // Given
        Path path = temp.resolve("x.safetensors");
        Safetensors.write(path, Map.of("a", Tensor.of(new float[] {1}, 1)), Map.of());
        Safetensors old = Safetensors.read(path);

        // When
        Safetensors.write(path, Map.of("b", Tensor.of(new float[] {2}, 1)), Map.of());

        // Then
        assertThat(old.tensor("a").floats()).containsExactly(1);
        assertThat(Safetensors.read(path).tensor("b").floats()).containsExactly(2);
        assertThatThrownBy(() -> old.tensor("b"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("has no tensor 'b', only [a]");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{'a':{'dtype':'F32','shape':[2],'data_offsets':[0,8]}}                          | 7 | the tensors have 8 bytes, but 7 follow",
                "{'a':{'dtype':'F32','shape':[2],'data_offsets':[0,8]}}                          | 9 | the tensors have 8 bytes, but 9 follow",
                "{'a':{'dtype':'F32','shape':[2],'data_offsets':[0,4]}}                          | 4 | tensor 'a' has 4 bytes, expected 8",
                "{'a':{'dtype':'F32','shape':[1],'data_offsets':[4,8]}}                          | 8 | tensor 'a' begins at 4, expected 0",
                "{'a':{'dtype':'U8','shape':[2],'data_offsets':[0,2]},'b':{'dtype':'U8','shape':[2],'data_offsets':[1,3]}} | 3 | tensor 'b' begins at 1, expected 2",
                "{'a':{'dtype':'F32','shape':[1],'data_offsets':[8,4]}}                          | 8 | tensor 'a' has data_offsets [8, 4]",
                "{'a':{'dtype':'F32','shape':[1],'data_offsets':[4]}}                            | 8 | tensor 'a' has data_offsets [4]",
                "{'a':{'dtype':'F7','shape':[1],'data_offsets':[0,4]}}                           | 4 | tensor 'a' has dtype F7, expected one of",
                "{'a':{'dtype':'F32','shape':[-1,-1],'data_offsets':[0,4]}}                      | 4 | tensor 'a' has the impossible shape [-1, -1]",
                "{'a':{'dtype':'F32','shape':[4294967296,4294967296],'data_offsets':[0,0]}}      | 0 | tensor 'a' has the impossible shape",
                "{'a':{'dtype':'F32','shape':[1]}}                                               | 4 | tensor 'a' has no dtype, shape or data_offsets",
                "{'a':{'dtype':'U8','shape':[0],'data_offsets':[0,0]},'a':{'dtype':'U8','shape':[0],'data_offsets':[0,0]}} | 0 | Duplicate field 'a'",
                "{'a':                                                                           | 0 | the header is not valid",
                "[]                                                                              | 0 | the header does not begin with '{'",
                "{}{}                                                                            | 0 | the header is not valid"
            })
    void invalidFileIsRefusedAndSaysWhy(String header, int dataBytes, String message) throws IOException {
        // Given
        byte[] json = header.replace('\'', '"').getBytes(UTF_8);
        Path path = write(json.length, json, dataBytes);

        // When / Then
        assertThatThrownBy(() -> Safetensors.read(path))
                .isInstanceOf(IOException.class)
                .hasMessageStartingWith(path + " is not a valid safetensors file: ")
                .hasMessageContaining(message);
    }

    @ParameterizedTest
    @CsvSource({"-1", "100000001", "3", "9223372036854775807"})
    void headerLengthBeyondTheFileOrTheFormatIsRefused(long length) throws IOException {
        // Given
        Path path = write(length, new byte[] {'{', '}'}, 0);

        // When / Then
        assertThatThrownBy(() -> Safetensors.read(path))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("its header has " + Long.toUnsignedString(length) + " bytes, expected at most 2");
    }

    @Test
    void fileCutOffAnywhereIsRefused() throws IOException {
        // Given
        byte[] whole = Files.readAllBytes(FROM_PYTHON);
        Path path = temp.resolve("cut.safetensors");

        for (int length = 0; length < whole.length; length += 13) {
            // When
            Files.write(path, Arrays.copyOf(whole, length));

            // Then
            assertThatThrownBy(() -> Safetensors.read(path)).isInstanceOf(IOException.class);
        }
    }

    @Test
    void elementsAreNotReadAsAnotherKind() throws IOException {
        // Given
        Safetensors file = Safetensors.read(FROM_PYTHON);

        // When / Then
        assertThatThrownBy(() -> file.tensor("i64").floats())
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("tensor has elements of type I64, expected floating-point numbers");
        assertThatThrownBy(() -> file.tensor("f32").longs()).hasMessageContaining("expected integers");
        assertThatThrownBy(() -> Tensor.of(FLOATS, 7)).hasMessageContaining("has 24 bytes, expected 28");
    }

    private Path write(long headerLength, byte[] json, int dataBytes) throws IOException {
        ByteBuffer file = ByteBuffer.allocate(8 + json.length + dataBytes).order(ByteOrder.LITTLE_ENDIAN);
        file.putLong(headerLength).put(json);
        return Files.write(temp.resolve("bad.safetensors"), file.array());
    }
}
