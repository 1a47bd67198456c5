#include "rig/record/record_internal.h"

#include "rig/format/json.h"

json_t *tojson_findings(const struct judgement *judgement)
{
    json_t *list = tojson_array();

    for (size_t i = 0; i < judgement->finding_count; i++) {
        const struct finding *finding = &judgement->findings[i];
        json_t *object = tojson_object();
        tojson_put(object, "what", tojson_text(expect_kind_name(finding->expectation->kind)));
        tojson_put(object, "expected", tojson_text(finding->expected));
        tojson_put(object, "observed", tojson_text(finding->observed));
        tojson_put(object, "result", tojson_text(expect_result_name(finding->result)));
        tojson_put(object, "margin_ms",
                   finding->has_margin ? tojson_ms(finding->margin_ns) : json_null());
        tojson_put(object, "reason", tojson_text(finding->reason));
        tojson_put(object, "at_ns", finding->has_at ? tojson_int(finding->at_ns) : json_null());
        tojson_put(object, "object", tojson_text(finding->object));
        tojson_put(object, "error", tojson_text(finding->error));
        tojson_put(object, "needed", json_boolean(finding->expectation->needed));
        tojson_add(list, object);
    }
    return list;
}
