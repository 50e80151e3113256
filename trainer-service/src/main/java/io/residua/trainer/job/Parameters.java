package io.residua.trainer.job;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/** Turns the parameters of a training request into arguments of the {@code train} command. */
final class Parameters {
    /** Options that say where things are, which is the service's to decide. */
    private static final Set<String> RESERVED = Set.of(
            "data_path",
            "data_paths",
            "ckpt_dir",
            "run_dir",
            "device",
            "threads",
            "progress",
            "help",
            "version",
            "resume",
            "init_from",
            "output_onnx",
            "use_wandb",
            "wandb_project",
            "wandb_name",
            "tracking_uri",
            "experiment");

    /** A number, or the name of a choice. Nothing else: the command's parser must not take a value for an option. */
    private static final Pattern PLAIN_VALUE = Pattern.compile("[+-]?[0-9.]+([eE][+-]?[0-9]+)?|[A-Za-z][A-Za-z0-9_]*");

    private static final int MAX_PARAMETERS = 100;
    private static final int MAX_ELEMENTS = 100;
    private static final int MAX_VALUE_LENGTH = 200;

    private Parameters() {}

    /**
     * The arguments, few and short enough for a command line.
     *
     * @param reasons gets what is wrong with the parameters, at most one reason for each
     */
    static List<String> arguments(Map<String, Object> parameters, List<String> reasons) {
        if (parameters.size() > MAX_PARAMETERS) {
            reasons.add("there are " + parameters.size() + " parameters, expected at most " + MAX_PARAMETERS);
            return List.of();
        }
        List<String> arguments = new ArrayList<>();
        parameters.forEach((name, value) -> {
            if (!name.matches("[A-Za-z][A-Za-z0-9_-]*") || RESERVED.contains(name.replace('-', '_'))) {
                reasons.add("parameter '" + Reasons.quoted(name) + "' is not one a request can set");
            } else if (value instanceof Boolean truth && name.equals("parity")) {
                if (truth) {
                    arguments.add("--" + name);
                }
            } else {
                arguments.add("--" + name);
                words(name, value, arguments, reasons);
            }
        });
        return arguments;
    }

    private static void words(String name, Object value, List<String> arguments, List<String> reasons) {
        List<?> elements = value instanceof List<?> list && !list.isEmpty() ? list : Collections.singletonList(value);
        Optional<String> problem = elements.size() > MAX_ELEMENTS
                ? Optional.of("has " + elements.size() + " elements, expected at most " + MAX_ELEMENTS)
                : elements.stream()
                        .flatMap(element -> problem(element).stream())
                        .findFirst();
        problem.ifPresentOrElse(
                what -> reasons.add("parameter '" + Reasons.quoted(name) + "' " + what),
                () -> elements.forEach(element -> arguments.add(element.toString())));
    }

    private static Optional<String> problem(Object element) {
        String text = String.valueOf(element);
        boolean scalar = element instanceof Number || element instanceof Boolean || element instanceof String;
        if (!scalar || !PLAIN_VALUE.matcher(text).matches()) {
            return Optional.of(
                    "is " + Reasons.quoted(text) + ", expected a number, a boolean, a word or a list of these");
        }
        return text.length() > MAX_VALUE_LENGTH
                ? Optional.of("is " + Reasons.quoted(text) + ", expected at most " + MAX_VALUE_LENGTH + " characters")
                : Optional.empty();
    }
}
