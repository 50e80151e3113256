package io.residua.common.io;

/** Numbers of 16 bits, held as a {@code short}: IEEE 754 binary16 and bfloat16. */
public final class Float16 {
    private static final int SIGN = 0x8000;
    private static final int INFINITY = 0x7c00;
    private static final int FLOAT_INFINITY = 0x7f80_0000;
    /** Bits of 65,520: halfway between the greatest binary16 and what would follow it. */
    private static final int FLOAT_OVERFLOW = 0x477f_f000;
    /** Bits of 2⁻¹⁴, the least normal binary16. */
    private static final int FLOAT_MIN_NORMAL = 0x3880_0000;
    /** The exponents' biases differ by 112. */
    private static final int REBIAS = 112 << 23;

    private Float16() {}

    /** A binary16 as float32; exact, for subnormal and infinite numbers and NaN too. */
    public static float toFloat(short half) {
        int sign = (half & SIGN) << 16;
        int exponent = half >>> 10 & 0x1f;
        int mantissa = half & 0x3ff;
        int magnitude;
        if (exponent == 0) {
            magnitude = Float.floatToRawIntBits(mantissa * 0x1p-24f);
        } else if (exponent == 0x1f) {
            magnitude = FLOAT_INFINITY | mantissa << 13;
        } else {
            magnitude = (exponent << 23) + REBIAS | mantissa << 13;
        }
        return Float.intBitsToFloat(sign | magnitude);
    }

    /** A bfloat16, which is the upper half of a float32, as float32. */
    public static float fromBfloat16(short upper) {
        return Float.intBitsToFloat(upper << 16);
    }

    /** The nearest binary16, ties to even; beyond the range infinity, NaN stays NaN. */
    public static short fromFloat(float x) {
        int bits = Float.floatToRawIntBits(x);
        int magnitude = bits & 0x7fff_ffff;
        int half;
        if (magnitude > FLOAT_INFINITY) {
            // A NaN whose payload is cut off must not become infinity.
            half = INFINITY | Math.max(1, magnitude >>> 13 & 0x3ff);
        } else if (magnitude >= FLOAT_OVERFLOW) {
            half = INFINITY;
        } else if (magnitude >= FLOAT_MIN_NORMAL) {
            int tieToEven = magnitude >>> 13 & 1;
            half = (magnitude - REBIAS + 0xfff + tieToEven) >>> 13;
        } else {
            half = (int) Math.rint(Math.abs((double) x) * 0x1p24);
        }
        return (short) ((bits >>> 16 & SIGN) | half);
    }
}
