package io.residua.common.event;

import com.fasterxml.jackson.annotation.JsonProperty;

/** How an item came to its last code. */
public enum Resolution {
    /** The entry nearest to the item's residual was free. */
    @JsonProperty("nearest")
    NEAREST,
    /** The nearest entry was taken; the assignment among the waiting items of the prefix chose a free one. */
    @JsonProperty("sinkhorn")
    SINKHORN,
    /** The item's prefix had no free entry left; a sibling prefix took it. */
    @JsonProperty("spilled")
    SPILLED
}
