package io.residua.trainer.job;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
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

    private Parameters() {}

    /**
     * The arguments.
     *
     * @param reasons gets what is wrong with the parameters
     */
    static List<String> arguments(Map<String, Object> parameters, List<String> reasons) {
        List<String> arguments = new ArrayList<>();
        parameters.forEach((name, value) -> {
            if (!name.matches("[A-Za-z][A-Za-z0-9_-]*") || RESERVED.contains(name.replace('-', '_'))) {
                reasons.add("parameter '" + name + "' is not one a request can set");
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
        if (value instanceof List<?> list && !list.isEmpty()) {
            list.forEach(element -> word(name, element, arguments, reasons));
        } else {
            word(name, value, arguments, reasons);
        }
    }

    private static void word(String name, Object value, List<String> arguments, List<String> reasons) {
        boolean scalar = value instanceof Number || value instanceof Boolean || value instanceof String;
        if (!scalar || !PLAIN_VALUE.matcher(value.toString()).matches()) {
            reasons.add("parameter '" + name + "' is " + value
                    + ", expected a number, a boolean, a word or a list of these");
        } else {
            arguments.add(value.toString());
        }
    }
}
