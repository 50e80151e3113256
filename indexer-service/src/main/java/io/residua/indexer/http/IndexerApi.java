package io.residua.indexer.http;

import jakarta.ws.rs.core.Application;
import org.eclipse.microprofile.openapi.annotations.Components;
import org.eclipse.microprofile.openapi.annotations.OpenAPIDefinition;
import org.eclipse.microprofile.openapi.annotations.info.Info;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;

/** What the descriptions of all resources share. */
@OpenAPIDefinition(
        info = @Info(title = "Residua indexer", version = "1", description = "Semantic IDs of items."),
        components =
                @Components(
                        responses = {
                            @APIResponse(
                                    name = "malformed",
                                    description = "The request is malformed; detail says what was expected.",
                                    content =
                                            @Content(
                                                    mediaType = Problem.MEDIA_TYPE,
                                                    schema = @Schema(implementation = Problem.class))),
                            @APIResponse(
                                    name = "unknown",
                                    description = "There is no such thing; detail says which.",
                                    content =
                                            @Content(
                                                    mediaType = Problem.MEDIA_TYPE,
                                                    schema = @Schema(implementation = Problem.class))),
                            @APIResponse(
                                    name = "unavailable",
                                    description = "Not now: ask again after as many seconds as Retry-After says.",
                                    content =
                                            @Content(
                                                    mediaType = Problem.MEDIA_TYPE,
                                                    schema = @Schema(implementation = Problem.class)))
                        }))
public class IndexerApi extends Application {}
