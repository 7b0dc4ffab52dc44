"""
Teaches moto's CloudFormation what an alarm is. moto 5.2.5 has alarms, but creates none from a template and then refuses the whole stack where
anything, such as a dashboard, refers to one. Imported before the first stack: moto collects its resource types once.
"""

from moto.cloudwatch.models import cloudwatch_backends
from moto.core.common_models import CloudFormationModel


class AlarmOfTemplate(CloudFormationModel):
    # moto reads from the module's name which service an object belongs to.
    __module__ = "moto.cloudwatch.alarms"

    def __init__(self, alarm):
        self.alarm = alarm
        self.name = alarm.name

    @property
    def physical_resource_id(self):
        return self.name

    @staticmethod
    def cloudformation_name_type():
        return "AlarmName"

    @staticmethod
    def cloudformation_type():
        return "AWS::CloudWatch::Alarm"

    @classmethod
    def has_cfn_attr(cls, attr):
        return attr == "Arn"

    def get_cfn_attribute(self, _arn):
        return self.alarm.alarm_arn

    @classmethod
    def create_from_cloudformation_json(
        cls, resource_name, cloudformation_json, account_id, region_name, **kwargs
    ):
        told = cloudformation_json["Properties"]
        return cls(
            cloudwatch_backends[account_id][region_name].put_metric_alarm(
                name=resource_name,
                namespace=told.get("Namespace"),
                metric_name=told.get("MetricName"),
                comparison_operator=told["ComparisonOperator"],
                evaluation_periods=int(told["EvaluationPeriods"]),
                period=told.get("Period"),
                threshold=told.get("Threshold"),
                statistic=told.get("Statistic"),
                description=told.get("AlarmDescription"),
                dimensions=told.get("Dimensions", []),
                alarm_actions=told.get("AlarmActions", []),
                ok_actions=told.get("OKActions", []),
                datapoints_to_alarm=told.get("DatapointsToAlarm"),
                treat_missing_data=told.get("TreatMissingData"),
            )
        )

    @classmethod
    def update_from_cloudformation_json(
        cls, original_resource, new_resource_name, cloudformation_json, account_id, region_name
    ):
        return cls.create_from_cloudformation_json(
            original_resource.name, cloudformation_json, account_id, region_name
        )

    @classmethod
    def delete_from_cloudformation_json(
        cls, resource_name, cloudformation_json, account_id, region_name
    ):
        cloudwatch_backends[account_id][region_name].delete_alarms([resource_name])
