//! Devices that are plugged in, from the device manager of Windows.
#![expect(unsafe_code, reason = "two calls of cfgmgr32.dll; there is no safe way to them")]

use windows_sys::Win32::Devices::DeviceAndDriverInstallation::{
    CM_GETIDLIST_FILTER_PRESENT, CM_Get_Device_ID_List_SizeW, CM_Get_Device_ID_ListW, CR_SUCCESS,
};

use super::{DEVICES, Device, of_instance};

/// Longest list of instances, UTF-16 units.
const LIST_UNITS: u32 = 1 << 20;

/// All that are present; none when Windows does not say.
pub(super) fn devices() -> Vec<Device> {
    let mut units = 0;
    // SAFETY: room for a number; no filter text is needed for those present.
    let code = unsafe { CM_Get_Device_ID_List_SizeW(&mut units, std::ptr::null(), CM_GETIDLIST_FILTER_PRESENT) };
    if code != CR_SUCCESS || units == 0 || units > LIST_UNITS {
        return Vec::new();
    }
    let mut list = vec![0_u16; units as usize];
    // SAFETY: a buffer and its size. A list that grew meanwhile is refused by the call.
    let code = unsafe { CM_Get_Device_ID_ListW(std::ptr::null(), list.as_mut_ptr(), units, CM_GETIDLIST_FILTER_PRESENT) };
    if code != CR_SUCCESS {
        return Vec::new();
    }
    let names = list.split(|unit| *unit == 0).filter(|name| !name.is_empty());
    names.filter_map(|name| of_instance(&String::from_utf16_lossy(name))).take(DEVICES).collect()
}
