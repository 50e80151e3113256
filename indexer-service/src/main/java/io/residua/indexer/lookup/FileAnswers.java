package io.residua.indexer.lookup;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.residua.common.event.Json;
import io.residua.common.trie.StaticTrie;
import io.residua.indexer.http.Problem;
import jakarta.ws.rs.core.EntityTag;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Request;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.Response.ResponseBuilder;
import jakarta.ws.rs.core.Response.Status;
import java.util.function.BiFunction;

/** Sends a generation's files, unless the client has them as they are. */
final class FileAnswers {
    private static final String OFFSETS_HEADER = "Residua-Offsets";
    /** Largest vocabulary beyond the largest codebook: the tables of this one take 80 MB. */
    private static final int MAX_VOCABULARY = 4_096;

    private FileAnswers() {}

    /** The index file of the Python scripts. */
    static Response index(GenerationLookups generation, Request request) {
        return file(generation, request, "index", MediaType.APPLICATION_JSON, ServedFiles::index);
    }

    /** The trie; {@code vocabulary} is a number as the client wrote it, or {@code null} for the smallest. */
    static Response trie(GenerationLookups generation, Request request, String vocabulary) {
        int levels = generation.generation().codebookSizes().size();
        if (levels <= StaticTrie.DENSE_LEVELS) {
            return Problem.response(
                    Status.NOT_FOUND,
                    "the codes have " + levels + " levels, a trie needs at least " + (StaticTrie.DENSE_LEVELS + 1));
        }
        int smallest = generation.files().smallestVocabulary();
        if (smallest > StaticTrie.MAX_VOCABULARY) {
            return Problem.response(
                    Status.NOT_FOUND,
                    "a codebook has " + smallest + " entries, a trie takes at most " + StaticTrie.MAX_VOCABULARY);
        }
        int largest = Math.max(smallest, MAX_VOCABULARY);
        int entries = vocabulary == null ? smallest : CodePath.number(vocabulary, smallest, largest);
        if (entries < 0) {
            return Problem.response(
                    Status.BAD_REQUEST, "vocabulary is " + vocabulary + ", expected " + smallest + " to " + largest);
        }
        return file(
                generation,
                request,
                "trie-" + entries,
                MediaType.APPLICATION_OCTET_STREAM,
                (files, model) -> files.trie(model, entries));
    }

    private static Response file(
            GenerationLookups generation,
            Request request,
            String name,
            String type,
            BiFunction<ServedFiles, ReadModel, ServedFiles.Content> build) {
        return generation.read(model -> {
            ResponseBuilder unchanged = request.evaluatePreconditions(tag(name, model.position()));
            if (unchanged != null) {
                return unchanged.build();
            }
            ServedFiles.Content content = build.apply(generation.files(), model);
            return Response.ok(content.stream(), type)
                    .tag(tag(name, content.position()))
                    .header(HttpHeaders.CONTENT_LENGTH, content.bytes())
                    .header(OFFSETS_HEADER, offsets(content.position()))
                    .build();
        });
    }

    private static EntityTag tag(String name, ReadPosition position) {
        return new EntityTag(name + position.tag());
    }

    private static String offsets(ReadPosition position) {
        return new String(Json.write(position.offsets()), UTF_8);
    }
}
