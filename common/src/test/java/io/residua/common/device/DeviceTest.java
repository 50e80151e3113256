package io.residua.common.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DeviceTest {
    @ParameterizedTest
    @ValueSource(strings = {"auto", "cpu", "cuda:0", "cuda:17"})
    void aDeviceIsNamedAsItIsRead(String name) {
        // Then
        assertThat(Device.parse(name)).hasToString(name);
    }

    @Test
    void cudaAloneIsTheFirstDevice() {
        // Then
        assertThat(Device.parse("cuda")).isEqualTo(new Device.Cuda(0));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "gpu", "cuda:", "cuda:-1", "cuda:x", "CPU"})
    void anythingElseIsRefusedByName(String name) {
        // Then
        assertThatThrownBy(() -> Device.parse(name)).hasMessageContaining("device is '" + name + "'");
    }
}
