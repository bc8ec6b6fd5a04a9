//! The lines that are printed.

/// What a figure is compared with.
#[derive(Clone, Debug, PartialEq)]
pub enum Against {
    /// A peer's figure in the same run, or a bar that is no program's.
    Figure {
        /// Its name.
        name: String,
        /// Its figure.
        value: f64,
    },
    /// A peer that is not on this machine.
    Missing {
        /// Its name.
        name: String,
    },
    /// Nothing: the peers do not do this part.
    Nothing,
}

/// `name ours=.. peer=..:.. ratio=.. unit=..`.
pub fn line(name: &str, ours: f64, against: &Against, unit: &str) -> String {
    let (peer, ratio) = match against {
        Against::Figure { name, value } => (format!("{name}:{}", figure(*value)), ratio(ours, *value)),
        Against::Missing { name } => (format!("{name}:missing"), "-".to_owned()),
        Against::Nothing => ("none:-".to_owned(), "-".to_owned()),
    };
    format!("{name} ours={} peer={peer} ratio={ratio} unit={unit}", figure(ours))
}

fn ratio(ours: f64, peer: f64) -> String {
    if peer > 0.0 { format!("{:.2}", ours / peer) } else { "-".to_owned() }
}

/// Three digits that count, never in powers of ten.
fn figure(value: f64) -> String {
    match value.abs() {
        0.0..1.0 => format!("{value:.4}"),
        1.0..10.0 => format!("{value:.2}"),
        10.0..100.0 => format!("{value:.1}"),
        _ => format!("{value:.0}"),
    }
}

/// The middle one; the mean of the middle two.
pub fn median(values: &[f64]) -> Option<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let upper = *sorted.get(sorted.len() / 2)?;
    let lower = *sorted.get((sorted.len() - 1) / 2)?;
    Some(f64::midpoint(lower, upper))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_have_one_shape() {
        let peer = Against::Figure { name: "sqlite".to_owned(), value: 2.0 };
        assert_eq!(line("store", 1.0, &peer, "s"), "store ours=1.00 peer=sqlite:2.00 ratio=0.50 unit=s");
        let missing = Against::Missing { name: "curl".to_owned() };
        assert_eq!(line("download", 123.4, &missing, "MiB"), "download ours=123 peer=curl:missing ratio=- unit=MiB");
        assert_eq!(line("x", 0.01234, &Against::Nothing, "s"), "x ours=0.0123 peer=none:- ratio=- unit=s");
    }

    #[test]
    fn a_median_is_the_middle() {
        assert_eq!(median(&[3.0, 1.0, 2.0]), Some(2.0));
        assert_eq!(median(&[4.0, 1.0, 2.0, 3.0]), Some(2.5));
        assert_eq!(median(&[]), None);
    }
}
