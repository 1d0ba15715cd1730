//! Networks, as addresses that share their first bits.

use std::{
    fmt,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
};

use super::value::{NONE, Unparsable, Value, must_be};

/// Addresses that share their first bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Network {
    /// An address in it.
    pub address: IpAddr,
    /// How many bits they share: 0 to 32, or 128 for IPv6.
    pub bits: u8,
}

impl Network {
    /// This machine, over IPv4.
    pub const LOOPBACK: Self = Self { address: IpAddr::V4(Ipv4Addr::new(127, 0, 0, 0)), bits: 8 };
    /// This machine, over IPv6.
    pub const LOOPBACK_V6: Self = Self { address: IpAddr::V6(Ipv6Addr::LOCALHOST), bits: 128 };

    /// Whether `address` shares its bits.
    pub fn contains(&self, address: IpAddr) -> bool {
        match (self.address, address) {
            (IpAddr::V4(network), IpAddr::V4(address)) => {
                u32::from(self.bits) == 0
                    || (network.to_bits() ^ address.to_bits()) >> (32 - u32::from(self.bits)) == 0
            }
            (IpAddr::V6(network), IpAddr::V6(address)) => {
                u32::from(self.bits) == 0
                    || (network.to_bits() ^ address.to_bits()) >> (128 - u32::from(self.bits)) == 0
            }
            _ => false,
        }
    }

    /// The address that stands for all addresses of one customer: over IPv6 a provider gives each a whole /64.
    pub fn household(address: IpAddr) -> IpAddr {
        match address.to_canonical() {
            IpAddr::V4(address) => address.into(),
            IpAddr::V6(address) => {
                Ipv6Addr::from_bits(address.to_bits() & !u128::from(u64::MAX)).into()
            }
        }
    }

    /// Whether `address` is in one of `networks`.
    pub fn any_contains(networks: &[Self], address: IpAddr) -> bool {
        networks.iter().any(|network| network.contains(address))
    }
}

fn network(text: &str) -> Option<Network> {
    let (address, bits) = text.split_once('/').map_or((text, None), |(a, b)| (a, Some(b)));
    let address: IpAddr = address.parse().ok()?;
    let most = if address.is_ipv4() { 32 } else { 128 };
    let bits = bits.map_or(Some(most), |bits| bits.parse().ok())?;
    (bits <= most).then_some(Network { address, bits })
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.address, self.bits)
    }
}

impl Value for Vec<Network> {
    fn read(&mut self, text: &str) -> Result<(), Unparsable> {
        let items = text.split(',').map(str::trim).filter(|item| !item.is_empty());
        let parsed: Option<_> = items.map(network).collect();
        match parsed {
            Some(networks) => *self = networks,
            None => return must_be("addresses or networks, such as 10.0.0.0/8, ::1"),
        }
        Ok(())
    }

    fn show(&self) -> String {
        let items: Vec<_> = self.iter().map(ToString::to_string).collect();
        if items.is_empty() { NONE.to_owned() } else { items.join(", ") }
    }
}
