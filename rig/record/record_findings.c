#include "rig/record/record_internal.h"

#include "rig/format/json.h"

json_t *record_put_findings(const struct judgement *judgement)
{
    json_t *list = json_put_array();

    for (size_t i = 0; i < judgement->finding_count; i++) {
        const struct finding *finding = &judgement->findings[i];
        json_t *object = json_put_object();
        json_put(object, "what", json_put_text(expect_kind_name(finding->expectation->kind)));
        json_put(object, "expected", json_put_text(finding->expected));
        json_put(object, "observed", json_put_text(finding->observed));
        json_put(object, "result", json_put_text(judge_result_name(finding->result)));
        json_put(object, "margin_ms",
                 finding->has_margin ? json_put_ms(finding->margin_ns) : json_null());
        json_put(object, "reason", json_put_text(finding->reason));
        json_put(object, "at_ns", finding->has_at ? json_put_int(finding->at_ns) : json_null());
        json_put(object, "object", json_put_text(finding->object));
        json_put(object, "error", json_put_text(finding->error));
        json_put(object, "needed", json_boolean(finding->expectation->needed));
        json_put_new(list, object);
    }
    return list;
}
