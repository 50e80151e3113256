package io.residua.trainer.model;

import java.util.List;

/**
 * The optimisers, each in PyTorch's form and with PyTorch's constants: g is the clipped gradient, p the parameter. All
 * but AdamW add {@code decay}·p to g.
 */
public enum OptimizerType {
    /**
     * Adam (Kingma and Ba 2015): with m and v the averages of g and g² and c₁ = 1 − β₁ᵗ, c₂ = 1 − β₂ᵗ,
     * p ← p − lr/c₁ · m / (√v/√c₂ + 1e-8).
     */
    ADAM(Script.fused("adam"), "exp_avg", "exp_avg_sq", "step"),
    /** Adam with decoupled decay (Loshchilov and Hutter 2019): first p ← p·(1 − lr·decay), then as Adam. */
    ADAMW(Script.fused("adamw"), "exp_avg", "exp_avg_sq", "step"),
    /** Gradient descent: p ← p − lr·g. */
    SGD(Script.clipAndDecay() + """
            torch._foreach_add_(params, torch._foreach_mul(grads, lr), alpha=-1)
            """),
    /** Adagrad (Duchi et al. 2011): s ← s + g², p ← p − lr · g / (√s + 1e-10). */
    ADAGRAD(Script.clipAndDecay() + """
            torch._foreach_addcmul_(sum, grads, grads, 1.0)
            root = torch._foreach_sqrt(sum)
            torch._foreach_add_(root, 1e-10)
            """ + Script.divideAndMove(), "sum"),
    /** RMSprop (Hinton 2012): v ← 0.99·v + 0.01·g², p ← p − lr · g / (√v + 1e-8). */
    RMSPROP(Script.clipAndDecay() + """
            torch._foreach_mul_(square_avg, 0.99)
            torch._foreach_addcmul_(square_avg, grads, grads, 0.01)
            root = torch._foreach_sqrt(square_avg)
            torch._foreach_add_(root, 1e-08)
            """ + Script.divideAndMove(), "square_avg");

    private final String update;
    private final List<String> state;

    OptimizerType(String update, String... state) {
        this.update = update;
        this.state = List.of(state);
    }

    /** Names of what it keeps per parameter, as PyTorch calls them. */
    List<String> state() {
        return state;
    }

    /**
     * What a script does with {@code params}, {@code grads}, the lists of {@link #state}, {@code lr} and {@code scale}.
     */
    String update(double weightDecay) {
        return update.replace("DECAY", String.valueOf(weightDecay));
    }

    /** Pieces of the scripts. */
    private static final class Script {
        static String fused(String name) {
            return """
                    torch._foreach_add_(step, 1)
                    torch._fused_NAME_(params, grads, exp_avg, exp_avg_sq, [], step, lr=lr, beta1=0.9, beta2=0.999, \
                    weight_decay=DECAY, eps=1e-08, amsgrad=False, maximize=False, grad_scale=scale, found_inf=None)
                    """.replace("NAME", name);
        }

        static String clipAndDecay() {
            return """
                    torch._foreach_div_(grads, scale)
                    torch._foreach_add_(grads, params, alpha=DECAY)
                    """;
        }

        static String divideAndMove() {
            return """
                    torch._foreach_mul_(grads, lr)
                    torch._foreach_addcdiv_(params, grads, root, -1.0)
                    """;
        }
    }
}
