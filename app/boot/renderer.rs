//! What draws the window: OpenGL; else, on Windows, Direct3D 12, which the system also does without a driver (WARP), as in a remote
//! desktop or a virtual machine, where it offers OpenGL 1.1 alone.

use eframe::NativeOptions;

/// Ways to draw, the first choice first.
pub(super) const RENDERERS: &[eframe::Renderer] = &[
    eframe::Renderer::Glow,
    #[cfg(windows)]
    eframe::Renderer::Wgpu,
];

/// True when it is this way to draw that does not work here, and the next may.
pub(super) fn cannot_draw(error: &eframe::Error) -> bool {
    match error {
        eframe::Error::Glutin(_) | eframe::Error::NoGlutinConfigs(..) | eframe::Error::OpenGL(_) => true,
        #[cfg(windows)]
        eframe::Error::Wgpu(_) => true,
        _ => false,
    }
}

/// The same options for this way to draw.
#[cfg(not(windows))]
pub(super) fn drawn_by(renderer: eframe::Renderer, options: NativeOptions) -> NativeOptions {
    NativeOptions { renderer, ..options }
}

/// The same options for this way to draw. Direct3D alone: a driver that has no OpenGL has no Vulkan worth the name.
#[cfg(windows)]
pub(super) fn drawn_by(renderer: eframe::Renderer, options: NativeOptions) -> NativeOptions {
    use eframe::egui_wgpu::{WgpuConfiguration, WgpuSetup, WgpuSetupCreateNew, wgpu};
    let mut setup = WgpuSetupCreateNew::without_display_handle();
    setup.instance_descriptor.backends = wgpu::Backends::DX12;
    setup.power_preference = wgpu::PowerPreference::LowPower;
    let wgpu_options = WgpuConfiguration { wgpu_setup: WgpuSetup::CreateNew(setup), ..options.wgpu_options.clone() };
    NativeOptions { renderer, wgpu_options, ..options }
}
