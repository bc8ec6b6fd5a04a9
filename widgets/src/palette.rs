//! The colours of both themes, and nothing else: every other place names what it wants, see [`crate::tokens`].

use egui::Color32;

use crate::tokens::{Colors, ToneColors};

const fn hex(rgb: u32) -> Color32 {
    let [_, r, g, b] = rgb.to_be_bytes();
    Color32::from_rgb(r, g, b)
}

const fn tone(text: u32, soft: u32, border: u32, solid: u32) -> ToneColors {
    ToneColors { text: hex(text), soft: hex(soft), border: hex(border), solid: hex(solid) }
}

pub(crate) const LIGHT: Colors = Colors {
    window: hex(0x00F3_F5F7),
    surface: hex(0x00FF_FFFF),
    sunken: hex(0x00EE_F2F4),
    zebra: hex(0x00F8_FAFB),
    hover: hex(0x00EC_F3F4),
    hairline: hex(0x00DF_E5E9),
    outline: hex(0x0082_8E98),
    text: hex(0x001C_2730),
    text_secondary: hex(0x0050_5E69),
    text_hint: hex(0x0061_6E79),
    on_solid: hex(0x00FF_FFFF),
    accent: hex(0x000B_6672),
    accent_hover: hex(0x0009_5862),
    accent_pressed: hex(0x0007_4951),
    selected: hex(0x00D8_ECEE),
    focus: hex(0x0034_98A6),
    form: hex(0x0080_1F1F),
    veil: Color32::from_rgba_premultiplied(10, 15, 19, 96),
    series: [hex(0x000B_6672), hex(0x00C7_7F0A), hex(0x005B_8FC9), hex(0x0079_8791)],
    tones: [
        tone(0x0050_5E69, 0x00EE_F1F4, 0x00D9_E0E5, 0x0079_8791),
        tone(0x000B_6672, 0x00E1_F0F2, 0x00B5_D9DD, 0x000B_6672),
        tone(0x001F_5C9E, 0x00E8_F0FA, 0x00C3_D8F0, 0x0033_78C4),
        tone(0x001A_6E41, 0x00E5_F4EC, 0x00B9_DFCA, 0x002A_9159),
        tone(0x0085_5300, 0x00FD_F3DE, 0x00F0_D9A8, 0x00D9_9211),
        tone(0x00B0_261E, 0x00FC_ECEA, 0x00F1_C6C2, 0x00C9_352C),
    ],
};

pub(crate) const DARK: Colors = Colors {
    window: hex(0x0012_171B),
    surface: hex(0x001B_2228),
    sunken: hex(0x0016_1C21),
    zebra: hex(0x001F_272D),
    hover: hex(0x0026_3038),
    hairline: hex(0x002D_3840),
    outline: hex(0x0068_7883),
    text: hex(0x00E4_EAEE),
    text_secondary: hex(0x00AD_B9C1),
    text_hint: hex(0x0096_A3AD),
    on_solid: hex(0x0008_191C),
    accent: hex(0x005C_C2CE),
    accent_hover: hex(0x0078_D0DA),
    accent_pressed: hex(0x004A_ABB7),
    selected: hex(0x001D_3B41),
    focus: hex(0x007E_D3DD),
    form: hex(0x00E3_A3A0),
    veil: Color32::from_rgba_premultiplied(0, 0, 0, 150),
    series: [hex(0x005C_C2CE), hex(0x00E3_A53F), hex(0x007F_B0E6), hex(0x009A_A7B1)],
    tones: [
        tone(0x00AD_B9C1, 0x0027_2F36, 0x003B_4750, 0x0089_96A0),
        tone(0x006C_CAD5, 0x0017_3339, 0x002A_5A62, 0x005C_C2CE),
        tone(0x0093_BFF3, 0x001A_2C43, 0x002F_4E74, 0x006A_A5EA),
        tone(0x0074_CE9C, 0x0017_3426, 0x002B_5C43, 0x0058_B985),
        tone(0x00EA_B355, 0x0038_2B12, 0x006A_5322, 0x00E3_A53F),
        tone(0x00F5_9A93, 0x0040_201E, 0x0073_3833, 0x00F0_776E),
    ],
};
