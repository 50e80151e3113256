package io.residua.indexer.lookup;

import io.residua.indexer.http.Problem;
import io.residua.indexer.lookup.LookupAnswers.ItemAnswer;
import io.residua.indexer.lookup.LookupAnswers.PrefixAnswer;
import io.smallrye.common.annotation.NonBlocking;
import io.vertx.ext.web.RoutingContext;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Request;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.Response.Status;
import java.util.Optional;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.enums.ParameterIn;
import org.eclipse.microprofile.openapi.annotations.enums.SchemaType;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/** Items by their codes and codes by their items, from this replica's copy of the codes topic. */
@Path("/generations")
@Tag(name = "Look-ups", description = "Answered by any replica; every answer says up to which offsets it is.")
@APIResponse(responseCode = "404", ref = "unknown")
@APIResponse(responseCode = "503", ref = "unavailable")
public class LookupResource {
    private static final int MAX_SAMPLES = 100;

    private final Lookups lookups;

    LookupResource(Lookups lookups) {
        this.lookups = lookups;
    }

    /** The code of an item. */
    @GET
    @Path("/{version}/items/{id}")
    @Produces(MediaType.APPLICATION_JSON)
    @NonBlocking
    @Operation(operationId = "item", summary = "The code of an item")
    @Parameter(
            name = "id",
            in = ParameterIn.PATH,
            description = "Item id, percent-encoded; slashes may stay.",
            schema = @Schema(type = SchemaType.STRING))
    @APIResponse(
            responseCode = "200",
            description = "The item has this code.",
            content = @Content(schema = @Schema(implementation = ItemAnswer.class)))
    @APIResponse(responseCode = "400", ref = "malformed")
    public Response item(@PathParam("version") String version, @Context RoutingContext routing) {
        return lookups.answer("item", version, generation -> RawItemId.of(routing)
                .map(id -> generation.read(model -> {
                    ReadPosition position = model.position();
                    return model.item(id)
                            .map(item -> Response.ok(ItemAnswer.of(item, version, position))
                                    .build())
                            .orElseGet(() -> Problem.response(
                                    Status.NOT_FOUND, "item " + HeldItem.id(id) + " has no code in " + version));
                }))
                .orElseGet(() -> Problem.response(Status.BAD_REQUEST, "the id is not percent-encoded")));
    }

    /** The item that holds a code. */
    @GET
    @Path("/{version}/codes/{code}")
    @Produces(MediaType.APPLICATION_JSON)
    @NonBlocking
    @Operation(operationId = "code", summary = "The item that holds a code")
    @APIResponse(
            responseCode = "200",
            description = "This item holds the code.",
            content = @Content(schema = @Schema(implementation = ItemAnswer.class)))
    @APIResponse(responseCode = "400", ref = "malformed")
    public Response code(
            @PathParam("version") String version,
            @Parameter(description = "One entry per level, such as 151_51_56_210.") @PathParam("code") String text) {
        return lookups.answer("code", version, generation -> {
            int levels = generation.generation().codebookSizes().size();
            Optional<int[]> parsed = CodePath.parse(text, levels, levels);
            if (parsed.isEmpty()) {
                return malformed(text, Integer.toString(levels));
            }
            int[] code = parsed.get();
            return generation.read(model -> {
                ReadPosition position = model.position();
                return Optional.of(code)
                        .filter(entries -> isWithin(entries, generation))
                        .flatMap(model::holder)
                        .map(item -> Response.ok(ItemAnswer.of(item, version, position))
                                .build())
                        .orElseGet(() ->
                                Problem.response(Status.NOT_FOUND, "no item has code " + text + " in " + version));
            });
        });
    }

    /** What follows the first entries of a code. */
    @GET
    @Path("/{version}/prefixes/{prefix}")
    @Produces(MediaType.APPLICATION_JSON)
    @Operation(operationId = "prefix", summary = "The entries that follow the beginning of a code")
    @APIResponse(
            responseCode = "200",
            description = "These entries follow.",
            content = @Content(schema = @Schema(implementation = PrefixAnswer.class)))
    @APIResponse(responseCode = "400", ref = "malformed")
    public Response prefix(
            @PathParam("version") String version,
            @Parameter(description = "The first entries, such as 151_51; at least one level stays open.")
                    @PathParam("prefix")
                    String text,
            @Parameter(
                            description = "Most sample items per entry, 0 to 100.",
                            schema = @Schema(type = SchemaType.INTEGER, defaultValue = "3"))
                    @QueryParam("n")
                    @DefaultValue("3")
                    String n) {
        return lookups.answer("prefix", version, generation -> {
            int levels = generation.generation().codebookSizes().size();
            Optional<int[]> prefix = CodePath.parse(text, 1, levels - 1);
            if (prefix.isEmpty()) {
                return malformed(text, "1 to " + (levels - 1));
            }
            int samples = CodePath.number(n, 0, MAX_SAMPLES);
            if (samples < 0) {
                return Problem.response(Status.BAD_REQUEST, "n is " + n + ", expected 0 to " + MAX_SAMPLES);
            }
            return isWithin(prefix.get(), generation)
                    ? children(generation, prefix.get(), samples, text)
                    : nothingBeginsSo(text, version);
        });
    }

    private static Response children(GenerationLookups generation, int[] prefix, int samples, String text) {
        String version = generation.generation().modelVersion();
        PrefixAnswer answer = generation.read(model -> model.snapshot(
                snapshot -> PrefixAnswer.of(prefix, snapshot.children(prefix, samples), version, snapshot.position())));
        return answer.children().isEmpty()
                ? nothingBeginsSo(text, version)
                : Response.ok(answer).build();
    }

    /** All codes in the form of the Python scripts. */
    @GET
    @Path("/{version}/index.json")
    @Produces(MediaType.APPLICATION_JSON)
    @Operation(operationId = "index", summary = "All codes, as tokens by item id")
    @APIResponse(
            responseCode = "200",
            description = "The file of the Python scripts. ETag and Residua-Offsets say how far it is.",
            content = @Content(schema = @Schema(type = SchemaType.OBJECT)))
    @APIResponse(responseCode = "304", description = "Nothing is new since the ETag in If-None-Match.")
    public Response index(@PathParam("version") String version, @Context Request request) {
        return lookups.answer("index", version, generation -> FileAnswers.index(generation, request));
    }

    /** The set of codes for constrained decoding. */
    @GET
    @Path("/{version}/trie.safetensors")
    @Produces({MediaType.APPLICATION_OCTET_STREAM, Problem.MEDIA_TYPE})
    @Operation(operationId = "trie", summary = "The set of codes for constrained decoding, in STATIC's layout")
    @APIResponse(
            responseCode = "200",
            description = "A safetensors file. ETag, Residua-Offsets and its metadata say how far it is.",
            content =
                    @Content(
                            mediaType = MediaType.APPLICATION_OCTET_STREAM,
                            schema = @Schema(type = SchemaType.STRING, format = "binary")))
    @APIResponse(responseCode = "304", description = "Nothing is new since the ETag in If-None-Match.")
    @APIResponse(responseCode = "400", ref = "malformed")
    public Response trie(
            @PathParam("version") String version,
            @Parameter(
                            description = "Entries per level; by default those of the largest codebook.",
                            schema = @Schema(type = SchemaType.INTEGER))
                    @QueryParam("vocabulary")
                    String vocabulary,
            @Context Request request) {
        return lookups.answer("trie", version, generation -> FileAnswers.trie(generation, request, vocabulary));
    }

    private static boolean isWithin(int[] entries, GenerationLookups generation) {
        return CodePath.isWithin(entries, generation.generation().codebookSizes());
    }

    private static Response malformed(String text, String expected) {
        return Problem.response(
                Status.BAD_REQUEST,
                "code is " + text + ", expected " + expected + " numbers joined by underscores, such as 151_51");
    }

    private static Response nothingBeginsSo(String text, String version) {
        return Problem.response(Status.NOT_FOUND, "no code begins with " + text + " in " + version);
    }
}
