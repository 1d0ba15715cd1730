//! Reads an enum whose variant is named outside of its JSON.

use serde::de::{
    DeserializeSeed, Deserializer, EnumAccess, IgnoredAny, VariantAccess, Visitor,
    value::StrDeserializer,
};

/// Names, outermost first, and the JSON of what the innermost variant holds.
pub(super) struct Named<'n, 'j, 'de> {
    names: &'n [&'n str],
    json: &'j mut Json<'de>,
}

type Json<'de> = serde_json::Deserializer<serde_json::de::StrRead<'de>>;

impl<'n, 'j, 'de> Named<'n, 'j, 'de> {
    pub(super) fn new(names: &'n [&'n str], json: &'j mut Json<'de>) -> Self {
        Self { names, json }
    }
}

impl<'de> Deserializer<'de> for Named<'_, '_, 'de> {
    type Error = serde_json::Error;

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Self::Error> {
        if self.names.is_empty() {
            self.json.deserialize_enum(name, variants, visitor)
        } else {
            visitor.visit_enum(self)
        }
    }

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Self::Error> {
        self.json.deserialize_any(visitor)
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 u8 u16 u32 u64 f32 f64 char str string bytes byte_buf option unit
        unit_struct newtype_struct seq tuple tuple_struct map struct identifier ignored_any
    }
}

impl<'de> EnumAccess<'de> for Named<'_, '_, 'de> {
    type Error = serde_json::Error;
    type Variant = Self;

    fn variant_seed<V: DeserializeSeed<'de>>(
        self,
        seed: V,
    ) -> Result<(V::Value, Self), Self::Error> {
        let (name, rest) = self.names.split_first().unwrap_or((&"", &[]));
        let variant = seed.deserialize(StrDeserializer::new(name))?;
        Ok((variant, Self { names: rest, json: self.json }))
    }
}

impl<'de> VariantAccess<'de> for Named<'_, '_, 'de> {
    type Error = serde_json::Error;

    fn unit_variant(self) -> Result<(), Self::Error> {
        self.json.deserialize_ignored_any(IgnoredAny).map(|_| ())
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(
        self,
        seed: T,
    ) -> Result<T::Value, Self::Error> {
        seed.deserialize(self)
    }

    fn tuple_variant<V: Visitor<'de>>(
        self,
        len: usize,
        visitor: V,
    ) -> Result<V::Value, Self::Error> {
        self.json.deserialize_tuple(len, visitor)
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Self::Error> {
        self.json.deserialize_struct("", fields, visitor)
    }
}
