//! Where a caller is at home, as readers get it.

use serde::Serialize;
use utoipa::ToSchema;

use crate::rules::Area;

/// Where a land line is at home: province and city.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = Area)]
pub(super) struct AreaView {
    /// What people call it.
    name: String,
    /// What it is called in English.
    name_en: String,
}

impl From<Area> for AreaView {
    fn from(area: Area) -> Self {
        let ((province, city), (province_en, city_en)) = (area.name, area.name_en);
        Self {
            name: format!("{province}{city}"),
            name_en: if province_en.is_empty() {
                city_en.to_owned()
            } else {
                format!("{city_en}, {province_en}")
            },
        }
    }
}
