package io.residua.trainer.job;

import static java.util.Objects.requireNonNull;

import io.residua.common.event.Json;
import io.residua.common.event.ModelVersions;
import io.residua.common.event.TrainingRequest;
import io.residua.common.event.TrainingRequest.Action;
import io.residua.common.event.TrainingRequest.Source;
import io.residua.common.io.Sha256;
import io.residua.trainer.cli.TrainCommand;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What a record of {@code training-requests} asks for. */
sealed interface Request {
    /** The id its events carry. */
    String requestId();

    /**
     * To train.
     *
     * @param data the file to train from; nothing for a snapshot of the embeddings' topic
     * @param arguments of the {@code train} command, those that say what is trained and how
     */
    record Train(String requestId, Optional<Path> data, List<String> arguments) implements Request {
        public Train {
            requireNonNull(requestId, "requestId is null");
            arguments = List.copyOf(arguments);
        }

        /** The version of the model it leads to. */
        String modelVersion() {
            return RequestIds.modelVersion(requestId);
        }
    }

    /** To give up an earlier request of the same id. */
    record Cancel(String requestId) implements Request {}

    /** Something that cannot be done. */
    record Invalid(String requestId, List<String> reasons) implements Request {
        public Invalid {
            reasons = List.copyOf(reasons);
        }
    }

    /**
     * Reads and validates a record.
     *
     * @param fallbackId the id to answer under where the key is none
     * @param dataRoot folder below which {@code .npy} files may be named
     */
    static Request read(byte[] key, byte[] value, String fallbackId, Optional<Path> dataRoot) {
        Optional<String> id = RequestIds.of(key);
        List<String> reasons = new ArrayList<>();
        if (id.isEmpty()) {
            reasons.add("the record's key is no request id: expected 1 to 256 bytes of UTF-8");
        }
        String requestId = id.orElse(fallbackId);
        TrainingRequest request;
        try {
            request = Json.read(value == null ? new byte[0] : value, TrainingRequest.class);
        } catch (IllegalArgumentException e) {
            reasons.add(e.getMessage());
            return new Invalid(requestId, reasons);
        }
        if (request.action() == Action.CANCEL) {
            return reasons.isEmpty() ? new Cancel(requestId) : new Invalid(requestId, reasons);
        }
        List<String> arguments = Parameters.arguments(request.parameters(), reasons);
        if (reasons.isEmpty()) {
            reasons.addAll(TrainCommand.problems(arguments));
        }
        Optional<Path> data = Optional.empty();
        if (request.data().source() == Source.NPY) {
            data = file(request.data().path(), dataRoot, reasons);
        }
        return reasons.isEmpty() ? new Train(requestId, data, arguments) : new Invalid(requestId, reasons);
    }

    private static Optional<Path> file(String name, Optional<Path> dataRoot, List<String> reasons) {
        if (dataRoot.isEmpty()) {
            reasons.add("data.source is npy, but this trainer has no data root (residua.trainer.data-root)");
            return Optional.empty();
        }
        try {
            Path root = dataRoot.get().toRealPath();
            Path file = root.resolve(name).normalize();
            if (!file.startsWith(root)
                    || (Files.exists(file) && !file.toRealPath().startsWith(root))) {
                reasons.add("data.path is '" + Reasons.quoted(name) + "', which is outside the data root");
            } else if (!Files.isRegularFile(file)) {
                reasons.add(
                        "data.path is '" + Reasons.quoted(name) + "', but there is no such file below the data root");
            } else {
                return Optional.of(file);
            }
        } catch (IOException | java.nio.file.InvalidPathException e) {
            reasons.add("data.path is '" + Reasons.quoted(name) + "', which cannot be read below the data root: "
                    + e.getMessage());
        }
        return Optional.empty();
    }

    /** Request ids: the keys of {@code training-requests}. */
    final class RequestIds {
        private static final int MAX_BYTES = 256;
        private static final int HASH_LENGTH = 12;
        /** Taken by the folder of jobs, which may lie beside the models. */
        private static final String RESERVED = "jobs";

        private RequestIds() {}

        static Optional<String> of(byte[] key) {
            if (key == null || key.length == 0 || key.length > MAX_BYTES) {
                return Optional.empty();
            }
            String id = new String(key, StandardCharsets.UTF_8);
            return java.util.Arrays.equals(id.getBytes(StandardCharsets.UTF_8), key) && !id.isBlank()
                    ? Optional.of(id)
                    : Optional.empty();
        }

        /** The id itself if it is a valid version, otherwise what is valid of it and a part of its SHA-256. */
        static String modelVersion(String requestId) {
            if (ModelVersions.isValid(requestId) && !requestId.equals(RESERVED)) {
                return requestId;
            }
            String hash = Sha256.of(requestId.getBytes(StandardCharsets.UTF_8)).substring(0, HASH_LENGTH);
            String readable = requestId
                    .toLowerCase(java.util.Locale.ROOT)
                    .replaceAll("[^a-z0-9]+", "-")
                    .replaceAll("^-+|-+$", "");
            String shortened = readable.substring(0, Math.min(readable.length(), 40));
            return shortened.isEmpty() ? "model-" + hash : shortened + "-" + hash;
        }
    }
}
